#include "protocol/dialects/envelope.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"
#include "protocol/json_check.hpp"

namespace signalbox::protocol {
namespace {

/// Text that ends where memory we may read ends, so that a sanitizer sees one byte too many.
Decoded decode(std::string_view text) {
  static std::vector<char> exact;
  exact.assign(text.begin(), text.end());
  exact.shrink_to_fit();
  return envelope().decode({exact.data(), exact.size()});
}

TEST(Envelope, DecodesARequestWithItsHeader) {
  const Decoded decoded = decode(R"({"type":"authenticate","msgId":"c-17","timestamp":1763683200123,)"
                                 R"("traceId":"t-9","payload":{"token":"s3cret"},"unknown":[1]})");
  ASSERT_TRUE(decoded.request.has_value());
  EXPECT_EQ(decoded.header.reply_to.view(), "c-17");
  EXPECT_EQ(decoded.header.trace_id.view(), "t-9");
  EXPECT_EQ(std::get<Authenticate>(*decoded.request).token, "s3cret");
}

TEST(Envelope, NeedsOnlyAType) {
  const Decoded decoded = decode(R"({"type":"ping"})");
  ASSERT_TRUE(decoded.request.has_value());
  EXPECT_TRUE(decoded.header.reply_to.empty());
  EXPECT_TRUE(decode(R"({"type":"ping","msgId":null,"timestamp":null,"traceId":null,"payload":null})")
                  .request.has_value());
  EXPECT_TRUE(decode(" \t\r\n{\"type\":\"ping\"}\n").request.has_value());
}

struct Refused {
  std::string text;
  Reason reason;
  const char* field;
  const char* reply_to;  ///< what the answer can still say
};

TEST(Envelope, RefusesAndStillAnswers) {
  const std::string id36(36, 'm');
  const std::string deep = std::string(16, '[') + std::string(16, ']');
  const Refused refused[] = {
      {"", Reason::malformed, "", ""},
      {"ping", Reason::malformed, "", ""},
      {"[]", Reason::malformed, "", ""},
      {"\"ping\"", Reason::malformed, "", ""},
      {R"({"msgId":"c-1"})", Reason::malformed, "type", "c-1"},
      {R"({"msgId":"c-1","type":7})", Reason::malformed, "type", "c-1"},
      {R"({"msgId":"c-1","type":""})", Reason::malformed, "type", "c-1"},
      {R"({"msgId":"c-1","type":"dance"})", Reason::unknown_type, "type", "c-1"},
      {R"({"msgId":"c-1","type":"Ping"})", Reason::unknown_type, "type", "c-1"},
      {R"({"msgId":"c-1","type":)" + quoted(64) + "}", Reason::too_big, "type", "c-1"},
      {R"({"type":"ping","msgId":17})", Reason::malformed, "msgId", ""},
      {R"({"type":"ping","msgId":["c"]})", Reason::malformed, "msgId", ""},
      {R"({"type":"ping","msgId":")" + id36 + "m\"}", Reason::too_big, "msgId", ""},
      {R"({"type":"ping","msgId":")" + id36 + "\",\"traceId\":5}", Reason::malformed, "traceId",
       id36.c_str()},
      {R"({"type":"ping","msgId":"c-1","traceId":)" + quoted(37) + "}", Reason::too_big, "traceId", "c-1"},
      {R"({"type":"ping","msgId":"c-1","timestamp":"now"})", Reason::malformed, "timestamp", "c-1"},
      {R"({"type":"ping","msgId":"c-1","timestamp":1e99})", Reason::out_of_range, "timestamp", "c-1"},
      {R"({"type":"ping","msgId":"c-1","payload":[]})", Reason::malformed, "payload", "c-1"},
      {R"({"type":"ping","msgId":"c-1","payload":"x"})", Reason::malformed, "payload", "c-1"},
      {R"({"type":"ping","msgId":"c-1","payload":{"data":5}})", Reason::malformed, "payload.data", "c-1"},
      {R"({"type":"command","msgId":"c-1"})", Reason::malformed, "payload.channel", "c-1"},
      {R"({"type":"ping","msgId":"c-1"} x)", Reason::malformed, "", "c-1"},
      {R"({"type":"ping","msgId":"c-1"}{})", Reason::malformed, "", "c-1"},
      {R"({"type":"ping","msgId":"c-1","payload":)", Reason::malformed, "", "c-1"},
      {R"({"type":"ping","msgId":"c-1","msgId":"c-2"})", Reason::malformed, "msgId", "c-1"},
      {R"({"msgId":"c-1","type":"ping","payload":{"a":[{"b":1,"b":2}]}})", Reason::malformed,
       "payload.a[0].b", "c-1"},
      {R"({"msgId":"c-1","type":"ping","payload":{"data":"\u0000"}})", Reason::malformed, "", "c-1"},
      {"{\"msgId\":\"c-1\",\"type\":\"ping\",\"payload\":{\"data\":\"\xC3\"}}", Reason::malformed, "", "c-1"},
      {R"({"msgId":"c-1","payload":)" + deep + "}", Reason::malformed, "", "c-1"},
      {R"({"msgId":")" + id36 + "m\",\"payload\":}", Reason::malformed, "", ""},
      {R"({"msgId":17,"traceId":5,"payload":})", Reason::malformed, "", ""},
      {std::string("{\"type\":\"ping\"}\0", 16), Reason::malformed, "", ""},
  };
  for (const Refused& one : refused) {
    const Decoded decoded = decode(one.text);
    ASSERT_FALSE(decoded.request.has_value()) << one.text;
    EXPECT_EQ(decoded.request.error().reason, one.reason) << one.text;
    EXPECT_EQ(decoded.request.error().field.view(), one.field) << one.text;
    EXPECT_EQ(decoded.header.reply_to.view(), one.reply_to) << one.text;
    EXPECT_FALSE(decoded.request.error().detail.empty()) << one.text;
  }
}

TEST(Envelope, TellsThatItIsTooDeep) {
  std::string text = R"({"msgId":"c-1","type":"ping","payload":{"data":"x","y":)";
  EXPECT_TRUE(decode(text + std::string(14, '[') + std::string(14, ']') + "}}").request.has_value());
  const Decoded decoded = decode(text + std::string(15, '[') + std::string(15, ']') + "}}");
  ASSERT_FALSE(decoded.request.has_value());
  EXPECT_EQ(decoded.request.error().reason, Reason::malformed);
  EXPECT_NE(decoded.request.error().detail.view().find("nested deeper than 16"), std::string_view::npos);
}

TEST(Envelope, EscapedHeadersAreReadToo) {
  const Decoded decoded = decode(R"({"type":"pi\u006eg","msgId":"c\/1\u00e9"})");
  ASSERT_TRUE(decoded.request.has_value());
  EXPECT_EQ(decoded.header.reply_to.view(), "c/1\xC3\xA9");
}

TEST(Envelope, LeavesOutWhatAnAnswerHasNot) {
  const Cabin cabin;
  std::array<char, 256> buffer{};
  EXPECT_EQ(envelope().encode(Answer{{}, Ack{}}, nullptr, cabin.view(), buffer),
            R"({"type":"ack","timestamp":1763683200123,"payload":{"outcome":"accepted"}})");
  EXPECT_EQ(envelope().encode(Answer{{"c-17", "t-1"}, Ack{}}, nullptr, cabin.view(), buffer),
            R"({"type":"ack","replyTo":"c-17","timestamp":1763683200123,"traceId":"t-1",)"
            R"("payload":{"outcome":"accepted"}})");
}

RC_GTEST_PROP(EnvelopeProperty, AnyBytesGetAResult, (const std::string& bytes)) {
  const Decoded decoded = decode(bytes);
  if (!decoded.request) RC_ASSERT(!decoded.request.error().detail.empty());
}

RC_GTEST_PROP(EnvelopeProperty, DamagedRequestsGetAResultThatCanBeSent,
              (const std::vector<std::pair<std::uint16_t, char>>& edits)) {
  std::string text =
      R"({"type":"command","msgId":"c-1","timestamp":1,"payload":{"channel":"cabin/fan","value":"é",)"
      R"("until":"applied","deadlineMs":500,"notAfter":3,"epoch":"a"}})";
  for (const auto& [place, byte] : edits) text[place % text.size()] = byte;
  const Decoded decoded = decode(text);
  if (decoded.request) return;
  const Cabin cabin;
  std::array<char, 1024> buffer{};
  const Answer answer{decoded.header, Failure{decoded.request.error()}};
  const std::string_view sent = envelope().encode(answer, nullptr, cabin.view(), buffer);
  RC_ASSERT(!sent.empty());
  RC_ASSERT(parse_json(sent).has_value());
}

TEST(Envelope, NothingBesideItKeepsAStop) {
  for (const char* text : {R"({"type":"stop","timestamp":"now"})",
                           R"({"type":"stop","msgId":"0123456789012345678901234567890123456"})",
                           R"({"type":"stop","msgId":7,"traceId":{}})", R"({"type":"stop","payload":[]})",
                           R"({"type":"stop","payload":{"x":1,"x":2}})", R"({"type":"stop","payload":)"}) {
    const Decoded decoded = decode(text);
    ASSERT_TRUE(decoded.request.has_value()) << text;
    EXPECT_TRUE(std::holds_alternative<Stop>(*decoded.request));
    EXPECT_FALSE(decoded.header.has_id());
  }
  EXPECT_EQ(decode(R"({"type":"stop","msgId":"m","timestamp":"now"})").header.reply_to.view(), "m");
  EXPECT_EQ(decode(R"({"msgId":"m","type":"stop","payload":{"x":1,"x":2}})").header.reply_to.view(), "m");
  EXPECT_FALSE(decode(R"({"type":"stop","type":"ping"})").request.has_value()) << "which of them?";
}

}  // namespace
}  // namespace signalbox::protocol
