#include "protocol/messages/resume.hpp"

#include "protocol/json_reader.hpp"

namespace signalbox::protocol {

Result<Resume> read_resume(const JsonReader& payload) {
  Resume resume;
  const Result<std::string_view> session = payload.text("session", resume.session.capacity);
  if (!session) return session.error();
  const Result<std::string_view> token = payload.text("sessionToken", resume.token.capacity);
  if (!token) return token.error();
  resume.session = *session;
  resume.token = *token;
  return resume;
}

}  // namespace signalbox::protocol
