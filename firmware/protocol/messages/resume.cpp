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
  if (!payload.has("offset")) return resume;
  const Result<std::uint64_t> offset = payload.counter("offset");
  if (!offset) return offset.error();
  resume.offset = *offset;
  return resume;
}

}  // namespace signalbox::protocol
