// Messages of both dialects, and the answers that carry their ids back.
#include <array>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "firmware/protocol/cabin.hpp"
#include "fuzz/input.hpp"
#include "protocol/dialect.hpp"

namespace {

using namespace signalbox;
using protocol::ReplyHeader;

/// The answer is JSON, and has the id of what it answers.
void check_answer(const protocol::Dialect& dialect, const ReplyHeader& header, const protocol::Told& told) {
  static const protocol::Cabin cabin;
  std::array<char, 4096> memory{};
  const std::string_view text = dialect.encode(protocol::Answer{header, told}, nullptr, cabin.view(), memory);
  SIGNALBOX_CHECK(!text.empty());
  SIGNALBOX_CHECK(fuzz::is_utf8(text));
  const JsonDocument document{text};
  SIGNALBOX_CHECK(document.top() != nullptr);
  const bool is_envelope = dialect.name() == "signalbox.v1";
  const JsonValue* id = document.top()->member(is_envelope ? "replyTo" : "id");
  if (header.id == ReplyHeader::Id::text)
    SIGNALBOX_CHECK(is(id, JsonKind::text) && header.reply_to.view() == id->text());
  if (header.id == ReplyHeader::Id::number) SIGNALBOX_CHECK(is(id, JsonKind::number));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  for (const std::string_view name : protocol::dialect_names()) {
    const protocol::Dialect& dialect = *protocol::find_dialect(name);
    const protocol::Decoded decoded = dialect.decode(text);
    SIGNALBOX_CHECK(fuzz::is_utf8(decoded.header.reply_to) && fuzz::is_utf8(decoded.header.trace_id));
    SIGNALBOX_CHECK(decoded.header.has_id() == !decoded.header.reply_to.empty());
    if (decoded.request) {
      SIGNALBOX_CHECK(decoded.header.broken == ReplyHeader::Broken::nothing);
      check_answer(dialect, decoded.header, protocol::Ack{});
    } else {
      const Error& error = decoded.request.error();
      SIGNALBOX_CHECK(!error.detail.empty());
      check_answer(dialect, decoded.header, protocol::Failure{error});
    }
  }
  return 0;
}
