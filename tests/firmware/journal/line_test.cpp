#include "journal/line.hpp"

#include <array>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>

#include "firmware/journal/record.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::journal {
namespace {

class LineTest : public testing::Test {
 protected:
  std::string line_of(const Record& record, const Digest& previous = {}) {
    return std::string{write_line(record, previous, into, hash)};
  }

  std::array<char, kLineBytesMax> into{};
  Digest hash{};
};

TEST_F(LineTest, IsReadableAndSaysWhatIsHashed) {
  Record record = heated();
  record.sequence = 17;
  const std::string line = line_of(record, digest_of("before"));
  const std::string hashed =
      R"({"sequence":17,"kind":"actuation","at":1763683200123,"channel":"cabin/heater","cause":"command",)"
      R"("who":"owner","session":"0-1","peer":"192.0.2.7","before":"false","after":"true",)"
      R"("outcome":"applied","latencyMs":3,"previous":")" +
      std::string{text_of(digest_of("before"))} + "\"";
  EXPECT_EQ(line, hashed + R"(,"hash":")" + std::string{text_of(digest_of(hashed))} + "\"}\n");
  EXPECT_EQ(line.size(), hashed.size() + 75 + 1);
  EXPECT_EQ(hash, digest_of(hashed));
}

TEST_F(LineTest, EveryByteThatTextsMayHoldComesThrough) {
  Record record = heated();
  record.sequence = 1;
  record.who = "a\"b\\c\n\x01\x7F\xC3\xA9\xFF";
  const std::string line = line_of(record);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const protocol::Parsed tree = protocol::parse(line);
  ASSERT_NE(tree, nullptr);
  EXPECT_EQ(protocol::at(tree.get(), "who")->text(), "a\"b\\c\n\x01\x7F\xC3\xA9\xEF\xBF\xBD");
  EXPECT_TRUE(read_line(std::string_view{line}.substr(0, line.size() - 1))->proves());
}

TEST_F(LineTest, TheLongestFits) {
  constexpr std::string_view kWorst =
      "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01";
  const Record worst{.sequence = std::uint64_t{1} << 53U,
                     .at_ms = -9'007'199'254'740'992,
                     .latency_ms = 0xFFFFFFFF,
                     .lost = std::uint64_t{1} << 53U,
                     .epoch = kWorst,
                     .channel = kWorst,
                     .cause = kWorst,
                     .who = kWorst,
                     .session = kWorst,
                     .peer = kWorst,
                     .trace_id = kWorst,
                     .before = kWorst,
                     .after = kWorst,
                     .outcome = kWorst,
                     .detail = kWorst};
  const std::string line = line_of(worst);
  ASSERT_FALSE(line.empty());
  EXPECT_TRUE(read_line(std::string_view{line}.substr(0, line.size() - 1))->proves());
}

TEST_F(LineTest, WhatDoesNotFitLeavesTheHash) {
  Record record = heated();
  const std::size_t size = line_of(record).size();
  const Digest before = hash;
  record.after = "fals";
  EXPECT_EQ(write_line(record, {}, std::span{into}.first(size - 1), hash), "");
  EXPECT_EQ(hash, before);
  EXPECT_EQ(write_line(record, {}, std::span{into}.first(size), hash).size(), size);
}

TEST_F(LineTest, IsTakenApart) {
  const Record gap{.sequence = 9, .at_ms = 5, .kind = Record::Kind::gap, .lost = 4};
  const std::string line = line_of(gap, digest_of("x"));
  const Result<Proof> proof = read_line(std::string_view{line}.substr(0, line.size() - 1));
  ASSERT_TRUE(proof.has_value()) << proof.error().detail.view();
  EXPECT_EQ(proof->sequence, 9U);
  EXPECT_EQ(proof->kind, Record::Kind::gap);
  EXPECT_EQ(proof->lost, 4U);
  EXPECT_EQ(proof->previous, digest_of("x"));
  EXPECT_EQ(proof->hash, hash);
  EXPECT_TRUE(proof->proves());
}

TEST_F(LineTest, WhatIsNoneSaysWhatWouldBeRight) {
  Record record = heated();
  record.sequence = 17;
  std::string line = line_of(record);
  line.pop_back();
  const auto changed = [&line](std::string_view from, std::string_view to) {
    std::string copy = line;
    return copy.replace(copy.find(from), from.size(), to);
  };
  struct Case {
    std::string line;
    const char* field;
  };
  for (const auto& [wrong, field] :
       {Case{"", "line"}, Case{"nonsense", "line"}, Case{std::string(400, 'x'), "sequence"},
        Case{std::string(400, '\0'), "sequence"}, Case{changed("17", "-17"), "sequence"},
        Case{changed("17", "017"), "sequence"}, Case{changed("17", "0"), "sequence"},
        Case{changed("17", "99999999999999999"), "sequence"}, Case{changed("actuation", "act"), "kind"},
        Case{changed(R"("at")", R"("AT")"), "at"},
        Case{changed("0000\",\"hash", "000g\",\"hash"), "previous"},
        Case{changed(R"("hash":")", R"("hash" :)"), "hash"}, Case{line + " ", "previous"}}) {
    const Result<Proof> proof = read_line(wrong);
    ASSERT_FALSE(proof.has_value()) << wrong;
    EXPECT_EQ(proof.error().field.view(), field) << wrong;
    EXPECT_NE(proof.error().detail.view().find("expected"), std::string_view::npos) << wrong;
  }
}

TEST_F(LineTest, EveryKindIsReadBackAndProven) {
  Digest head{};
  Verifier verifier;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < Record::kKinds; ++i) {
    const auto kind = static_cast<Record::Kind>(i);
    EXPECT_TRUE(names.insert(wire_name(kind)).second) << wire_name(kind) << " twice";
    const std::string_view line = write_line({.sequence = i + 1, .kind = kind}, head, into, head);
    const std::string_view text = line.substr(0, line.size() - 1);
    const Result<Proof> proof = read_line(text);
    ASSERT_TRUE(proof) << line;
    EXPECT_EQ(proof->kind, kind);
    EXPECT_TRUE(verifier.take(text)) << line;
  }
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace signalbox::journal
