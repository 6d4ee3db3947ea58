#include "protocol/messages/authenticate.hpp"

#include "protocol/json_reader.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::size_t kTokenBytesMax = 1023;

}  // namespace

Result<Authenticate> read_authenticate(const JsonReader& payload) {
  const Result<std::string_view> token = payload.text("token", kTokenBytesMax);
  if (!token) return token.error();
  return Authenticate{*token};
}

}  // namespace signalbox::protocol
