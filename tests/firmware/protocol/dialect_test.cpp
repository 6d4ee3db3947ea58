// Every message and every error through every dialect.
#include "protocol/dialect.hpp"

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>

#include "firmware/protocol/every_message.hpp"
#include "firmware/protocol/tree.hpp"
#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

/// What a dialect puts around payloads, as a client knows it.
struct Frame {
  std::string before_type, before_payload, end;  ///< of a request with the id "c-17"
  std::string place;                             ///< how it names the payload
  /// Where the payload of a message may stand, and what else stands there.
  std::vector<std::string> bodies;
  std::vector<const char*> own;

  std::string ask(std::string_view type, std::string_view payload) const {
    return before_type + std::string{type} + before_payload + std::string{payload} + end;
  }
};

const std::map<std::string_view, Frame> kFrames{
    {"signalbox.v1", {R"({"msgId":"c-17","type":")", R"(","payload":)", "}", "payload", {"payload"}, {}}},
    {"jsonrpc",
     {R"({"jsonrpc":"2.0","id":"c-17","method":")",
      R"(","params":)",
      "}",
      "params",
      {"result", "params", "error.data"},
      {"type", "traceId", "replyTo"}}}};

/// The object as text, each member as `change(name, value)` has it; left out where that is empty.
template <typename Change>
std::string with_each(const JsonValue& object, Change change) {
  std::string text;
  for (const JsonValue* name = object.first(); name != object.behind(); name = name[1].behind()) {
    const std::string value = change(name->text(), shown(name + 1));
    if (!value.empty()) text += (text.empty() ? "" : ",") + quoted(name->text()) + ":" + value;
  }
  return "{" + text + "}";
}

class EveryDialect : public testing::TestWithParam<std::string_view> {
 protected:
  const Dialect& dialect() const { return *find_dialect(GetParam()); }
  const Frame& frame() const { return kFrames.at(GetParam()); }

  template <typename... Told>
  std::string encode(const Told&... told) {
    return std::string{dialect().encode(told..., cabin.view(), buffer)};
  }
  /// The payload of what was encoded.
  std::string payload_of(const std::string& text) const {
    EXPECT_TRUE(parse_json(text).has_value()) << text;
    const Parsed tree = parse(text);
    for (const std::string& body : frame().bodies) {
      const JsonValue* found = at(tree.get(), body);
      if (found == nullptr) continue;
      return with_each(*found, [this](std::string_view name, const std::string& value) {
        const auto& own = frame().own;
        return std::find(own.begin(), own.end(), name) == own.end() ? value : std::string{};
      });
    }
    return "no payload in " + text;
  }
  /// The payload as it is in itself, but for the name under which the dialect has it.
  template <typename Body, typename... Principal>
  std::string payload_itself(const Body& body, const Principal*... principal) {
    JsonWriter writer{buffer};
    write_payload(writer, body, principal..., cabin.view());
    std::string text{writer.written()};
    const std::string field = R"("field":"payload)";
    const std::size_t place = text.find(field);
    if (place != std::string::npos) text.replace(place, field.size(), R"("field":")" + frame().place);
    return text;
  }

  Cabin cabin;
  std::array<char, 8192> buffer{};
};

INSTANTIATE_TEST_SUITE_P(Dialect, EveryDialect,
                         testing::ValuesIn(dialect_names().begin(), dialect_names().end()),
                         [](const auto& name) { return name.param == "jsonrpc" ? "jsonrpc" : "envelope"; });

TEST_P(EveryDialect, TakesEveryRequest) {
  const std::vector<Asked> requests = every_request();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Decoded decoded = dialect().decode(frame().ask(requests[i].type, requests[i].payload));
    ASSERT_TRUE(decoded.request.has_value())
        << requests[i].type << ": " << decoded.request.error().detail.view();
    EXPECT_EQ(decoded.request->index(), i) << requests[i].type;
    EXPECT_EQ(decoded.header.reply_to.view(), "c-17");
    EXPECT_EQ(decoded.header.id, ReplyHeader::Id::text);
  }
}

/// The payload with that member as `value` instead; left out where there is none.
std::string with(std::string_view payload, std::size_t member, const char* value) {
  return with_each(*parse(payload).get(), [&](std::string_view, const std::string& its) {
    if (member-- > 0) return its;
    return std::string{value != nullptr ? value : ""};
  });
}

TEST_P(EveryDialect, RefusesEveryMemberOfEveryRequestAsItsReaderDoes) {
  int refused = 0;
  for (const Asked& asked : every_request()) {
    const std::size_t members = parse(asked.payload)->size();
    for (std::size_t member = 0; member < members; ++member) {
      for (const char* value : {static_cast<const char*>(nullptr), "{}", "[[]]", "-1e300", "\"\""}) {
        const std::string payload = with(asked.payload, member, value);
        const Parsed tree = parse(payload);
        const Result<Request> right = read_request(asked.type, JsonReader{tree.get(), frame().place});
        const Decoded decoded = dialect().decode(frame().ask(asked.type, payload));
        ASSERT_EQ(decoded.request.has_value(), right.has_value()) << asked.type << payload;
        if (right.has_value()) continue;
        ++refused;
        EXPECT_EQ(decoded.request.error().reason, right.error().reason) << payload;
        EXPECT_EQ(decoded.request.error().field, right.error().field) << payload;
        EXPECT_EQ(payload_of(encode(Answer{decoded.header, Failure{decoded.request.error()}}, nullptr)),
                  payload_itself(Told{Failure{right.error()}}, static_cast<const Principal*>(nullptr)));
      }
    }
  }
  EXPECT_GT(refused, 50);
}

TEST_P(EveryDialect, TellsEveryAnswerWithItsWholePayload) {
  for (const Told& told : every<Told>()) {
    for (const ReplyHeader& header : {ReplyHeader{}, ReplyHeader{"c-17", ""}, ReplyHeader{"c-17", "t-1"}}) {
      const std::string text = encode(Answer{header, told}, &cabin.principal);
      EXPECT_EQ(payload_of(text), payload_itself(told, &cabin.principal)) << text;
      EXPECT_EQ(text.find("\"c-17\"") != std::string::npos, header.has_id()) << text;
      EXPECT_EQ(text.find("\"t-1\"") != std::string::npos, !header.trace_id.empty()) << text;
    }
  }
}

TEST_P(EveryDialect, TellsEverythingPublishedWithItsWholePayload) {
  for (const Published& published : every<Published>()) {
    const std::string text = encode(published);
    EXPECT_EQ(payload_of(text), payload_itself(published)) << text;
    EXPECT_NE(text.find('"' + std::string{type_of(published)} + '"'), std::string::npos) << text;
  }
}

TEST_P(EveryDialect, TellsEveryReason) {
  std::set<std::string> told;
  for (std::size_t i = 0; i < kReasons; ++i) {
    for (const char* field : {"", "payload", "payload.writes[1].value"}) {
      const Told failure = Failure{{static_cast<Reason>(i), "why", field, 100}};
      for (const ReplyHeader& header : {ReplyHeader{}, ReplyHeader{"c-17", "t-1"}}) {
        const std::string payload = payload_of(encode(Answer{header, failure}, nullptr));
        EXPECT_EQ(payload, payload_itself(failure, static_cast<const Principal*>(nullptr)));
        told.insert(shown(parse(payload), "reason"));
      }
    }
  }
  EXPECT_EQ(told.size(), kReasons);
}

/// Rendered into less and less memory, a message is whole, or a shorter one that is right in itself (a page
/// holds what fits, and keeps some room for its end), or nothing.
template <typename Encode>
void expect_to_fit(const std::string& whole, const Encode& encode, bool page = false) {
  ASSERT_FALSE(whole.empty());
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::vector<char> exact(size);
    const std::string text{encode(exact)};
    if (size == whole.size()) {
      if (page) continue;
      EXPECT_EQ(text, whole);
    } else if (!text.empty()) {
      EXPECT_TRUE(parse_json(text).has_value()) << text;
      EXPECT_LT(text.size(), whole.size());
    }
  }
}

TEST_P(EveryDialect, AMessageFitsOrIsEmpty) {
  for (const Told& told : every<Told>()) {
    if (std::holds_alternative<HistoryPage>(told)) continue;  // as long as there is room: history_test
    const Answer answer{{"c-17", "t-1"}, told};
    expect_to_fit(
        encode(answer, &cabin.principal),
        [&](std::span<char> into) { return dialect().encode(answer, &cabin.principal, cabin.view(), into); },
        is_page(told));
  }
  for (const Published& published : every<Published>())
    expect_to_fit(encode(published),
                  [&](std::span<char> into) { return dialect().encode(published, cabin.view(), into); });
}

TEST_P(EveryDialect, IsFoundByItsExactName) {
  EXPECT_EQ(dialect().name(), GetParam());
  EXPECT_EQ(find_dialect(std::string{GetParam()} + " "), nullptr);
}

TEST(FindDialect, KnowsNoOthers) {
  EXPECT_EQ(find_dialect(dialect_names().front()), &envelope()) << "the default";
  for (const char* name : {"Signalbox.v1", "signalbox.v2", "JSONRPC", "jsonrpc2", ""})
    EXPECT_EQ(find_dialect(name), nullptr) << name;
}

TEST(IsFinal, IsWhatEndsARequest) {
  std::string between;
  for (const Told& told : every<Told>())
    if (!is_final(told)) between += std::string{type_of(told)} + " ";
  EXPECT_TRUE(between.starts_with("progress synced welcome goodbye ")) << between;
}

}  // namespace
}  // namespace signalbox::protocol
