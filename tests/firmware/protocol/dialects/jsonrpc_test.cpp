#include "protocol/dialects/jsonrpc.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/no_documents.hpp"
#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"
#include "protocol/json_check.hpp"

namespace signalbox::protocol {
namespace {

using Id = ReplyHeader::Id;

const Dialect& jsonrpc() { return *find_dialect("jsonrpc"); }

/// Text that ends where memory we may read ends, so that a sanitizer sees one byte too many.
Decoded decode_call(std::string_view text) {
  static std::vector<char> exact;
  exact.assign(text.begin(), text.end());
  exact.shrink_to_fit();
  return jsonrpc().decode({exact.data(), exact.size()});
}

std::string encode(const ReplyHeader& header, const Told& told) {
  const Cabin cabin;
  std::array<char, 2048> buffer{};
  return std::string{jsonrpc().encode(Answer{header, told}, nullptr, cabin.view(), buffer)};
}

/// What a client is told of a message that is refused.
std::string refusal_of(std::string_view text) {
  const Decoded decoded = decode_call(text);
  EXPECT_FALSE(decoded.request.has_value()) << text;
  return decoded.request ? "" : encode(decoded.header, Failure{decoded.request.error()});
}

TEST(JsonRpc, TakesARequest) {
  const Decoded decoded = decode_call(R"({"jsonrpc":"2.0","id":"c-17","method":"authenticate",)"
                                      R"("params":{"token":"s3cret","traceId":"t-9"},"unknown":[1]})");
  ASSERT_TRUE(decoded.request.has_value());
  EXPECT_EQ(decoded.header.reply_to.view(), "c-17");
  EXPECT_EQ(decoded.header.trace_id.view(), "t-9");
  EXPECT_EQ(std::get<Authenticate>(*decoded.request).token, "s3cret");
}

TEST(JsonRpc, NeedsNoParamsWhereTheMethodNeedsNone) {
  for (const char* params : {"", R"(,"params":{})", R"(,"params":null)", R"(,"params":{"traceId":null})"})
    EXPECT_TRUE(decode_call(R"({"method":"ping","jsonrpc":"2.0","id":1)" + std::string{params} + "}")
                    .request.has_value())
        << params;
  EXPECT_TRUE(
      decode_call(" \t\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\\u006eg\"}\n").request.has_value());
}

TEST(JsonRpc, AnIdComesBackAsItWasSent) {
  const std::string longest = '"' + std::string(36, 'm') + '"';
  const std::string ids[] = {R"("c-17")",
                             R"("")",
                             R"("17")",
                             R"("1.5")",
                             R"("null")",
                             longest,
                             "17",
                             "0",
                             "-5",
                             "1",
                             "-1",
                             "1763683200123",
                             "9007199254740991",
                             "-9007199254740991",
                             R"("a\"b\\c")",
                             "\"\xC3\xA9\""};
  for (const std::string& id : ids) {
    const Decoded decoded = decode_call(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"ping"})");
    ASSERT_TRUE(decoded.request.has_value()) << id;
    EXPECT_TRUE(decoded.header.has_id());
    EXPECT_EQ(decoded.header.id == Id::number, id[0] != '"') << id;
    EXPECT_EQ(encode(decoded.header, Ack{}),
              R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"type":"ack","outcome":"accepted"}})");
    EXPECT_EQ(encode(decoded.header, Progress{Rung::applied}),
              R"({"jsonrpc":"2.0","method":"progress","params":{"replyTo":)" + id + R"(,"rung":"applied"}})");
  }
  const Decoded escaped = decode_call(R"({"jsonrpc":"2.0","i\u0064":7,"method":"ping"})");
  EXPECT_EQ(escaped.header.reply_to.view(), "7");
  EXPECT_EQ(escaped.header.id, Id::number);
}

struct RefusedCall {
  std::string text;
  const char* id;  ///< of the response as JSON
  const char* code;
  const char* reason;
  const char* field;
};

void expect_refused(const RefusedCall& one) {
  const Parsed told = parse(refusal_of(one.text));
  ASSERT_NE(told, nullptr) << one.text;
  EXPECT_EQ(shown(told, "jsonrpc"), R"("2.0")");
  EXPECT_EQ(at(told.get(), "method"), nullptr) << one.text;
  EXPECT_EQ(at(told.get(), "result"), nullptr) << one.text;
  EXPECT_EQ(shown(told, "id"), one.id) << one.text;
  EXPECT_EQ(shown(told, "error.code"), one.code) << one.text;
  EXPECT_GT(shown(told, "error.message").size(), 4U);
  EXPECT_EQ(shown(told, "error.data.reason"), '"' + std::string{one.reason} + '"') << one.text;
  const std::string field = one.field[0] == '\0' ? "" : '"' + std::string{one.field} + '"';
  EXPECT_EQ(shown(told, "error.data.field"), field) << one.text;
  EXPECT_NE(shown(told, "error.data.detail").find("expected"), std::string::npos) << one.text;
}

TEST(JsonRpc, WhatIsNoJsonIsAParseErrorWithoutAnId) {
  const std::string deep = std::string(17, '[') + std::string(17, ']');
  for (const std::string& text :
       {std::string{}, std::string{"ping"}, std::string{R"({"jsonrpc":"2.0","id":1,"method":"ping")"},
        std::string{R"({"jsonrpc":"2.0","id":"c-1","method":"foobar, "params":"bar", "baz])"},
        std::string{R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method"])"}, deep,
        std::string{R"({"jsonrpc":"2.0","id":1,"method":"ping"}{})"},
        std::string{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xC3\"}"},
        std::string{R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"data":"\u0000"}})"}})
    expect_refused({text, "null", "-32700", "malformed", ""});
}

TEST(JsonRpc, WhatIsNoRequestIsInvalid) {
  const std::string id36(36, 'm');
  const auto with_id = [](const std::string& id) {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"ping"})";
  };
  const auto with = [](const char* members) { return R"({"id":1,)" + std::string{members} + "}"; };
  const RefusedCall refused[] = {
      {"7", "null", "-32600", "malformed", ""},
      {"null", "null", "-32600", "malformed", ""},
      {"\"ping\"", "null", "-32600", "malformed", ""},
      {"{}", "null", "-32600", "malformed", "jsonrpc"},
      {R"({"foo":"boo"})", "null", "-32600", "malformed", "jsonrpc"},
      // Batches
      {"[]", "null", "-32600", "malformed", ""},
      {"[1,2,3]", "null", "-32600", "malformed", ""},
      {R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", "null", "-32600", "malformed", ""},
      // Ids
      {with_id("null"), "null", "-32600", "malformed", "id"},
      {with_id("true"), "null", "-32600", "malformed", "id"},
      {with_id("[1]"), "null", "-32600", "malformed", "id"},
      {with_id("{}"), "null", "-32600", "malformed", "id"},
      {with_id("1.5"), "null", "-32600", "malformed", "id"},
      {with_id("1.0"), "null", "-32600", "malformed", "id"},
      {with_id("1e3"), "null", "-32600", "malformed", "id"},
      {with_id("-0"), "null", "-32600", "malformed", "id"},
      {with_id("9007199254740992"), "null", "-32600", "malformed", "id"},
      {with_id("-9007199254740992"), "null", "-32600", "malformed", "id"},
      {with_id("9007199254740993"), "null", "-32600", "malformed", "id"},
      {with_id("18446744073709551617"), "null", "-32600", "malformed", "id"},
      {with_id("1e999"), "null", "-32600", "malformed", "id"},
      {with_id('"' + id36 + "m\""), "null", "-32600", "tooBig", "id"},
      {R"({"jsonrpc":"2.0","i\u0064":1e30,"method":"ping"})", "null", "-32600", "malformed", "id"},
      {R"({"jsonrpc":"2.0","id":1,"id":1,"method":"ping"})", "null", "-32600", "malformed", "id"},
      // The rest, by an id that is right
      {with(R"("method":"ping")"), "1", "-32600", "malformed", "jsonrpc"},
      {with(R"("jsonrpc":"1.0","method":"ping")"), "1", "-32600", "malformed", "jsonrpc"},
      {with(R"("jsonrpc":"2.00","method":"ping")"), "1", "-32600", "malformed", "jsonrpc"},
      {with(R"("jsonrpc":2.0,"method":"ping")"), "1", "-32600", "malformed", "jsonrpc"},
      {with(R"("jsonrpc":"2.0")"), "1", "-32600", "malformed", "method"},
      {with(R"("jsonrpc":"2.0","method":1)"), "1", "-32600", "malformed", "method"},
      {with(R"("jsonrpc":"2.0","method":null)"), "1", "-32600", "malformed", "method"},
      {with(R"("jsonrpc":"2.0","Method":"ping")"), "1", "-32600", "malformed", "method"},
      {with(R"("jsonrpc":"2.0","method":"ping","params":"bar")"), "1", "-32600", "malformed", "params"},
      {with(R"("jsonrpc":"2.0","method":"ping","params":7)"), "1", "-32600", "malformed", "params"},
      {with(R"("jsonrpc":"2.0","method":"ping","method":"ping")"), "1", "-32600", "malformed", "method"},
      {with(R"("jsonrpc":"2.0","method":"ping","params":{"id":1,"id":2})"), "1", "-32600", "malformed",
       "params.id"},
      {with(R"("jsonrpc":"2.0","method":"ping","params":{"type":1,"type":2})"), "1", "-32600", "malformed",
       "params.type"},
      // Without an id it is no notification either
      {R"({"jsonrpc":"2.0","method":1,"params":"bar"})", "null", "-32600", "malformed", "method"},
      {R"({"jsonrpc":"2.0","method":"ping","params":"bar"})", "null", "-32600", "malformed", "params"},
  };
  for (const RefusedCall& one : refused) expect_refused(one);
}

TEST(JsonRpc, TooManyMembersAreInvalidByTheirId) {
  std::string text = R"({"jsonrpc":"2.0","id":17,"method":"ping","params":{)";
  for (int i = 0; i < 65; ++i) text += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + "\":1";
  expect_refused({text + "}}", "17", "-32600", "tooBig", "params"});
}

TEST(JsonRpc, WantOfMemoryIsToldByTheId) {
  const std::string text = R"({"jsonrpc":"2.0","id":17,"method":"ping"})";
  const Decoded decoded = [&text] {
    const NoDocuments but_few{6};  // it and its first members
    return decode_call(text);
  }();
  ASSERT_FALSE(decoded.request.has_value());
  const Parsed told = parse(encode(decoded.header, Failure{decoded.request.error()}));
  EXPECT_EQ(shown(told, "id"), "17");
  EXPECT_EQ(shown(told, "error.code"), "503");
}

TEST(JsonRpc, AMethodThatIsNotThereIsNotFound) {
  for (const std::string& method : {std::string{"reboot"}, std::string{"Ping"}, std::string{},
                                    std::string{"rpc.ping"}, std::string{"telemetry"}, std::string(500, 'x')})
    expect_refused({R"({"jsonrpc":"2.0","id":"c-1","method":")" + method + "\"}", R"("c-1")", "-32601",
                    "unknownType", "method"});
}

TEST(JsonRpc, ParamsThatAreWrongAreInvalid) {
  const auto ask = [](const char* method, const char* params) {
    return R"({"jsonrpc":"2.0","id":7,"method":")" + std::string{method} + R"(","params":)" + params + "}";
  };
  const RefusedCall refused[] = {
      {ask("ping", "[]"), "7", "-32602", "malformed", "params"},
      {ask("ping", R"(["hello"])"), "7", "-32602", "malformed", "params"},
      {ask("reboot", "[1]"), "7", "-32602", "malformed", "params"},
      {ask("ping", R"({"data":5})"), "7", "-32602", "malformed", "params.data"},
      {ask("ping", R"({"traceId":5})"), "7", "-32602", "malformed", "params.traceId"},
      {ask("command", "{}"), "7", "-32602", "malformed", "params.channel"},
      {ask("subscribe", R"({"id":"a","paths":["a","#/b"]})"), "7", "-32602", "malformed", "params.paths[1]"},
      {ask("renew", R"({"channel":"a","leaseMs":0})"), "7", "-32602", "outOfRange", "params.leaseMs"},
      {ask("unsubscribe", R"({"id":"01234567890123456789012345678901"})"), "7", "-32602", "tooBig",
       "params.id"},
  };
  for (const RefusedCall& one : refused) expect_refused(one);
}

TEST(JsonRpc, OtherErrorsHaveOurCodes) {
  const std::pair<Error, std::pair<std::int64_t, const char*>> errors[] = {
      {{Reason::busy, "why"}, {429, "busy"}},
      {{Reason::not_found, "why", "payload.channel"}, {404, "notFound"}},
      {{Reason::malformed, "why", "payload.value"}, {-32602, "Invalid params"}},
      {{Reason::out_of_range, "why", "payload.value"}, {-32602, "Invalid params"}},
      {{Reason::too_big, "why", "payload.paths"}, {-32602, "Invalid params"}},
      {{Reason::malformed, "why"}, {400, "malformed"}},
      {{Reason::malformed, "why", "payloads"}, {400, "malformed"}},
      {{Reason::internal, "why"}, {-32603, "Internal error"}},
  };
  for (const auto& [error, expected] : errors) {
    const Parsed told = parse(encode({"c-1", ""}, Failure{error}));
    EXPECT_EQ(shown(told, "error.code"), std::to_string(expected.first));
    EXPECT_EQ(shown(told, "error.message"), '"' + std::string{expected.second} + '"');
    EXPECT_EQ(shown(told, "error.data.code"), std::to_string(code_of(error.reason)));
  }
}

TEST(JsonRpc, OurCodesAreOutsideOfWhatIsReserved) {
  for (std::size_t i = 0; i < kReasons; ++i) EXPECT_GT(code_of(static_cast<Reason>(i)), 0);
}

TEST(JsonRpc, WhatHasNoIdIsNotCarriedOutAndTold) {
  const std::pair<const char*, const char*> notifications[] = {
      {R"("method":"ping")", "id"},
      {R"("method":"command","params":{"channel":"cabin/heater","value":true})", "id"},
      {R"("method":"scene","params":{"writes":[{"channel":"cabin/heater","value":true}]})", "id"},
      {R"("method":"renew","params":{"channel":"cabin/heater","leaseMs":100})", "id"},
      {R"("method":"baton","params":{"group":"g","action":"take"})", "id"},
      {R"("method":"reset")", "id"},
      {R"("method":"subscribe","params":{"id":"a","paths":["#"]})", "id"},
      {R"("method":"reboot")", "method"},
      {R"("method":"ping","params":[1])", "params"},
      {R"("method":"ping","params":{"data":1})", "params.data"},
  };
  for (const auto& [members, field] : notifications) {
    const Parsed told = parse(refusal_of(R"({"jsonrpc":"2.0",)" + std::string{members} + "}"));
    EXPECT_EQ(shown(told, "method"), R"("error")") << members;
    EXPECT_EQ(at(told.get(), "id"), nullptr) << "a notification has no response";
    EXPECT_EQ(shown(told, "params.field"), '"' + std::string{field} + '"');
    EXPECT_NE(shown(told, "params.detail").find("expected"), std::string::npos);
  }
  EXPECT_EQ(
      refusal_of(R"({"jsonrpc":"2.0","method":"reset","params":{"traceId":"t-1"}})"),
      R"({"jsonrpc":"2.0","method":"error","params":{"traceId":"t-1","code":400,"reason":"malformed",)"
      R"("temporary":false,"field":"id","detail":"found none; expected one beside \"reset\": without it )"
      R"(there is no answer, so it was not carried out"}})");
}

TEST(JsonRpc, AStopNeedsNoId) {
  const Decoded decoded = decode_call(R"({"jsonrpc":"2.0","method":"stop"})");
  ASSERT_TRUE(decoded.request.has_value());
  EXPECT_TRUE(std::holds_alternative<Stop>(*decoded.request));
  EXPECT_EQ(encode(decoded.header, Ack{Ack::Outcome::stopped}),
            R"({"jsonrpc":"2.0","method":"ack","params":{"outcome":"stopped"}})");
  EXPECT_EQ(shown(parse(encode(decoded.header, Failure{{Reason::forbidden, "why"}})), "params.reason"),
            R"("forbidden")");
}

TEST(JsonRpc, NothingBesideItKeepsAStop) {
  for (
      const char* text :
      {R"({"jsonrpc":"2.0","method":"stop","id":null})", R"({"jsonrpc":"2.0","method":"stop","id":1.5})",
       R"({"jsonrpc":"1.0","method":"stop","id":1})", R"({"method":"stop","params":[1]})",
       R"({"method":"stop","id":1,"params":{"x":1,"x":2}})", R"({"method":"stop","params":[[[)",
       R"({"jsonrpc":"2.0","method":"stop","id":1,"params":{"traceId":"0123456789012345678901234567890123456"}})"})
    EXPECT_TRUE(decode_call(text).request.has_value()) << text;
  const Decoded decoded =
      decode_call(R"({"jsonrpc":"2.0","method":"stop","id":null,"params":{"traceId":"t"}})");
  EXPECT_EQ(encode(decoded.header, Ack{Ack::Outcome::stopped}),
            R"({"jsonrpc":"2.0","id":null,"result":{"type":"ack","traceId":"t","outcome":"stopped"}})");
}

TEST(JsonRpc, AResponseIsNeverAnsweredByAResponse) {
  for (const char* text :
       {R"({"jsonrpc":"2.0","id":1,"result":{}})", R"({"jsonrpc":"2.0","id":null,"result":1})",
        R"({"id":"c-1","error":{"code":-32600,"message":"Invalid Request"}})"}) {
    const Parsed told = parse(refusal_of(text));
    EXPECT_EQ(shown(told, "method"), R"("error")") << text;
    EXPECT_EQ(at(told.get(), "id"), nullptr) << text;
    EXPECT_EQ(shown(told, "params.field"), R"("method")");
  }
  EXPECT_TRUE(decode_call(R"({"jsonrpc":"2.0","id":1,"method":"ping","result":1})").request.has_value());
}

TEST(JsonRpc, WhatIsNoAnswerIsANotification) {
  EXPECT_EQ(
      encode({}, Goodbye{"the device restarts", 2000}),
      R"({"jsonrpc":"2.0","method":"goodbye","params":{"reason":"the device restarts","retryAfterMs":2000}})");
  EXPECT_EQ(encode({"c-4", "t-1"}, Synced{"cabin", 5}),
            R"({"jsonrpc":"2.0","method":"synced","params":{"replyTo":"c-4","traceId":"t-1","id":"cabin",)"
            R"("epoch":"e7f3","offset":5}})");
  const Cabin cabin;
  std::array<char, 256> buffer{};
  EXPECT_EQ(jsonrpc().encode(EventGap{12, 40}, cabin.view(), buffer),
            R"({"jsonrpc":"2.0","method":"eventGap","params":{"epoch":"e7f3","lost":12,"before":40}})");
}

TEST(JsonRpc, WhatCouldNotEvenBeReadIsAnsweredWithoutAnId) {
  ReplyHeader header;
  header.id = Id::unknown;
  const Parsed told = parse(encode(header, Failure{{Reason::overloaded, "why", {}, 100}}));
  EXPECT_EQ(shown(told, "id"), "null");
  EXPECT_EQ(shown(told, "error.code"), "503");
  EXPECT_EQ(shown(told, "error.data.retryAfterMs"), "100");
}

RC_GTEST_PROP(JsonRpcProperty, AnyBytesGetAResult, (const std::string& bytes)) {
  const Decoded decoded = decode_call(bytes);
  if (!decoded.request) RC_ASSERT(!decoded.request.error().detail.empty());
}

RC_GTEST_PROP(JsonRpcProperty, DamagedRequestsGetAResultThatCanBeSent,
              (const std::vector<std::pair<std::uint16_t, char>>& edits)) {
  std::string text =
      R"({"jsonrpc":"2.0","id":-17,"method":"command","params":{"channel":"cabin/fan","value":"é",)"
      R"("until":"applied","deadlineMs":500,"traceId":"t","epoch":"a"}})";
  for (const auto& [place, byte] : edits) text[place % text.size()] = byte;
  const Decoded decoded = decode_call(text);
  if (decoded.request) return;
  const std::string sent = encode(decoded.header, Failure{decoded.request.error()});
  RC_ASSERT(!sent.empty());
  RC_ASSERT(parse_json(sent).has_value());
}

}  // namespace
}  // namespace signalbox::protocol
