#include "protocol/json_writer.hpp"

#include <array>
#include <bit>
#include <clocale>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

/// What `write` puts into a large enough buffer.
template <typename Write>
std::string written(Write write) {
  std::vector<char> buffer(65'536);
  JsonWriter writer{buffer};
  write(writer);
  EXPECT_TRUE(writer.fits());
  return std::string{writer.written()};
}

std::string number(double value) {
  return written([value](JsonWriter& w) { w.number(value); });
}
std::string text(std::string_view value) {
  return written([value](JsonWriter& w) { w.text(value); });
}

TEST(JsonWriter, GoesOnInAnObject) {
  EXPECT_EQ(written([](JsonWriter& w) {
              w.begin_object().key("a").integer(1).continue_object().begin_object().key("b").begin_object();
              w.end_object().end_object();
            }),
            R"({"a":1,"b":{}})");
  EXPECT_EQ(written([](JsonWriter& w) { w.begin_object().continue_object().begin_object().end_object(); }),
            "{}");
}

TEST(JsonWriter, PutsCommasBetweenMembersAndEntries) {
  const std::string json = written([](JsonWriter& w) {
    w.begin_object().key("a").begin_array().integer(-1).boolean(true).null().begin_array().end_array();
    w.begin_object().end_object().end_array().key("b").begin_object().key("c").text("d").end_object();
    w.member_unless_empty("e", "").member_unless_empty("f", "g").end_object();
  });
  EXPECT_EQ(json, R"({"a":[-1,true,null,[],{}],"b":{"c":"d"},"f":"g"})");
}

TEST(JsonWriter, EscapesWhatMustBe) {
  EXPECT_EQ(text("a\"b\\c/\b\f\n\r\t\x01\x1F\x7F"), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
  EXPECT_EQ(text(std::string_view{"\0", 1}), "\"\\u0000\"");
  EXPECT_EQ(text("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(text("a\xC3"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xFFz"), "\"\xEF\xBF\xBDz\"");
}

TEST(JsonWriter, WritesTheShortestNumberThatReadsBack) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(21.5), "21.5");
  EXPECT_EQ(number(3600000), "3600000");
  EXPECT_EQ(number(-0.0), "-0");
  EXPECT_EQ(number(std::numeric_limits<double>::lowest()), "-1.7976931348623157e+308");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, CountersBeyondTheExactDoublesAreText) {
  const auto counter = [](std::uint64_t value) {
    return written([value](JsonWriter& w) { w.counter(value); });
  };
  EXPECT_EQ(counter(0), "0");
  EXPECT_EQ(counter(9'007'199'254'740'992), "9007199254740992");
  EXPECT_EQ(counter(9'007'199'254'740'993), "\"9007199254740993\"");
  EXPECT_EQ(counter(std::numeric_limits<std::uint64_t>::max()), "\"18446744073709551615\"");
  EXPECT_EQ(written([](JsonWriter& w) { w.integer(std::numeric_limits<std::int64_t>::min()); }),
            "-9223372036854775808");
}

TEST(JsonWriter, WritesWholeNumbersOfEveryLength) {
  const auto integer = [](std::int64_t value) {
    return written([value](JsonWriter& w) { w.integer(value); });
  };
  for (std::int64_t power = 1; power <= 1'000'000'000'000'000'000 / 10; power *= 10)
    for (const std::int64_t value : {power - 1, power, power + 1, 7 * power, 10 * power - 1}) {
      EXPECT_EQ(integer(value), std::to_string(value));
      EXPECT_EQ(integer(-value), std::to_string(-value));
    }
}

TEST(JsonWriter, FitsExactlyOrWritesNothingPastTheEnd) {
  const auto write = [](JsonWriter& w) {
    w.begin_object().key("temperature").number(-21.25).key("quality").word("good");
    w.key("note")
        .text("a\n\xC3\xA9\x01")
        .key("flat")
        .text("a")
        .key("list")
        .begin_array()
        .integer(7)
        .integer(-12);
    w.end_array().end_object();
  };
  const std::string whole = written(write);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::vector<char> buffer(size + 8, '#');
    JsonWriter writer{std::span{buffer}.first(size)};
    write(writer);
    EXPECT_EQ(writer.fits(), size == whole.size());
    EXPECT_EQ(writer.written(), whole.substr(0, writer.written().size()));
    EXPECT_EQ(std::string(buffer.begin() + static_cast<std::ptrdiff_t>(size), buffer.end()), "########");
  }
}

TEST(JsonWriter, KnowsHowMuchRoomIsLeft) {
  std::array<char, 8> buffer{};
  JsonWriter writer{buffer};
  EXPECT_EQ(writer.room(), 8U);
  EXPECT_EQ(writer.begin_array().integer(12).room(), 5U);
  EXPECT_EQ(writer.text("too long").room(), 0U) << "nothing more is written";
}

TEST(JsonWriter, GoesBackToAMark) {
  std::array<char, 12> buffer{};
  JsonWriter writer{buffer};
  writer.begin_array().integer(1);
  EXPECT_EQ(writer.room(), 10U);
  const JsonWriter::Mark mark = writer.mark();
  writer.integer(2).text("far too long");
  EXPECT_FALSE(writer.fits());
  EXPECT_EQ(writer.room(), 0U);
  writer.back_to(mark);
  writer.integer(3).end_array();
  EXPECT_TRUE(writer.fits());
  EXPECT_EQ(writer.written(), "[1,3]");
}

RC_GTEST_PROP(JsonWriterProperty, NumbersReadBackTheSame, (std::uint64_t bits)) {
  const double value = std::bit_cast<double>(bits);
  const Parsed tree = parse(number(value));
  RC_ASSERT(tree != nullptr);
  if (std::isfinite(value))
    RC_ASSERT(tree->number() == value);
  else
    RC_ASSERT(tree->kind() == JsonKind::null);
}

RC_GTEST_PROP(JsonWriterProperty, AnyBytesMakeTextThatParsersTake, (const std::string& bytes)) {
  std::string without_zero = bytes;
  std::erase(without_zero, '\0');
  const std::string json = text(without_zero);
  const Parsed tree = parse(json);
  RC_ASSERT(tree != nullptr);
  if (json.find("\xEF\xBF\xBD") == std::string::npos) RC_ASSERT(tree->text() == without_zero);
}

}  // namespace
}  // namespace signalbox::protocol
