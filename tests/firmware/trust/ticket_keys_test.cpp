#include "trust/ticket_keys.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "base/log.hpp"
#include "firmware/trust/memory_store.hpp"

namespace signalbox::trust {
namespace {

class TicketKeysTest : public testing::Test {
 protected:
  static constexpr std::int64_t kHourMs = 3'600'000;
  static inline std::string last_log;

  void SetUp() override {
    last_log.clear();
    set_log_sink([](Severity, std::string_view line) { last_log = line; });
  }
  void TearDown() override { set_log_sink(nullptr); }

  void pass(int hours) {
    wall.unix_ms += hours * kHourMs;
    now += std::chrono::hours{hours};
  }
  Result<void> open(TicketKeys& keys) { return keys.open(store, entropy, wall, now); }
  static bool same(const TicketKey& a, const TicketKey& b) {
    return a.name == b.name && a.secret == b.secret && a.made_s == b.made_s;
  }

  MemoryStore store;
  SeededEntropy entropy{3};
  WallTime wall{1'800'000'000'000};
  Instant now{std::chrono::hours{1}};
};

TEST_F(TicketKeysTest, OutliveARestart) {
  TicketKeys first;
  ASSERT_TRUE(open(first));
  EXPECT_FALSE(same(first.keys()[0], first.keys()[1]));
  EXPECT_TRUE(last_log.empty()) << last_log;
  pass(11);
  now = Instant{};  // the machine started anew
  TicketKeys second;
  ASSERT_TRUE(open(second));
  EXPECT_TRUE(same(first.keys()[0], second.keys()[0]));
  EXPECT_TRUE(same(first.keys()[1], second.keys()[1]));
}

TEST_F(TicketKeysTest, TheOlderOneIsForgottenEveryTwelveHours) {
  TicketKeys keys;
  ASSERT_TRUE(open(keys));
  const TicketKey first = keys.keys()[0];
  pass(11);
  EXPECT_FALSE(keys.is_due(wall, now));
  pass(1);
  ASSERT_TRUE(keys.is_due(wall, now));
  ASSERT_TRUE(keys.rotate(store, entropy, wall, now));
  EXPECT_FALSE(keys.is_due(wall, now));
  EXPECT_TRUE(same(keys.keys()[1], first));
  EXPECT_FALSE(same(keys.keys()[0], first));
  pass(12);
  ASSERT_TRUE(keys.rotate(store, entropy, wall, now));
  for (const TicketKey& key : keys.keys()) EXPECT_FALSE(same(key, first));

  TicketKeys later;
  ASSERT_TRUE(open(later));
  for (std::size_t i : {0U, 1U}) EXPECT_TRUE(same(later.keys()[i], keys.keys()[i]));
}

TEST_F(TicketKeysTest, AStartRotatesWhatIsDue) {
  TicketKeys first;
  ASSERT_TRUE(open(first));
  pass(13);
  TicketKeys second;
  ASSERT_TRUE(open(second));
  EXPECT_TRUE(same(second.keys()[1], first.keys()[0]));
}

TEST_F(TicketKeysTest, AClockThatFellBackKeepsTheKeysForTwelveHours) {
  TicketKeys first;
  ASSERT_TRUE(open(first));
  wall = WallTime{0};
  TicketKeys second;
  ASSERT_TRUE(open(second));
  EXPECT_TRUE(same(second.keys()[0], first.keys()[0]));
  pass(11);
  EXPECT_FALSE(second.is_due(wall, now));
  pass(1);
  EXPECT_TRUE(second.is_due(wall, now));
}

TEST_F(TicketKeysTest, ATornRecordIsMadeAnew) {
  TicketKeys first;
  ASSERT_TRUE(open(first));
  const std::string good = store.records.at("tickets");
  std::string zeros = good;
  std::fill(zeros.begin() + 60, zeros.end(), '\0');
  for (const std::string& bad :
       {std::string{}, good.substr(0, good.size() - 1), good + "x", zeros,
        good.substr(0, 1) + "x" + good.substr(2), good.substr(0, good.size() - 1) + "0",
        "8" + good.substr(1)}) {  // made before all time
    store.records["tickets"] = bad;
    last_log.clear();
    TicketKeys later;
    ASSERT_TRUE(open(later));
    EXPECT_NE(last_log.find("made anew"), std::string::npos);
    for (const TicketKey& key : later.keys())
      for (const TicketKey& old : first.keys()) EXPECT_FALSE(same(key, old));
    EXPECT_EQ(store.records["tickets"].size(), good.size());
  }
}

TEST_F(TicketKeysTest, AFullDiskIsToldAndTheKeysServe) {
  store.writes_left = 0;
  TicketKeys keys;
  ASSERT_TRUE(open(keys));
  EXPECT_NE(last_log.find("no space left"), std::string::npos);
  EXPECT_NE(keys.keys()[0].secret, keys.keys()[1].secret);
}

TEST_F(TicketKeysTest, WithoutRandomnessNothingIsMade) {
  TicketKeys keys;
  ASSERT_TRUE(open(keys));
  const TicketKey before = keys.keys()[0];
  entropy.good = false;
  EXPECT_FALSE(keys.rotate(store, entropy, wall, now));
  EXPECT_TRUE(same(keys.keys()[0], before));
  store.records.clear();
  TicketKeys other;
  EXPECT_EQ(open(other).error().reason, Reason::failed);
  EXPECT_TRUE(store.records.empty());
}

TEST_F(TicketKeysTest, AKeyOfWhichHalfIsRandomIsNoKey) {
  entropy.fills_left = 1;
  TicketKeys keys;
  EXPECT_EQ(open(keys).error().reason, Reason::failed);
  EXPECT_TRUE(store.records.empty());
}

TEST_F(TicketKeysTest, AStartThatCannotRotateWhatIsDueFails) {
  TicketKeys first;
  ASSERT_TRUE(open(first));
  const auto records = store.records;
  pass(13);
  entropy.good = false;
  TicketKeys second;
  EXPECT_EQ(open(second).error().reason, Reason::failed);
  EXPECT_EQ(store.records, records);
}

TEST_F(TicketKeysTest, ARecordThatCannotBeReadIsToldAndMadeAnew) {
  store.unreadable = "tickets";
  TicketKeys keys;
  ASSERT_TRUE(open(keys));
  EXPECT_NE(last_log.find("made anew"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::trust
