#include "telemetry/history_log.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "firmware/telemetry/history_run.hpp"
#include "sim/hal/append_log.hpp"

namespace signalbox::telemetry {
namespace {

std::vector<std::string> said;

class HistoryLogTest : public testing::Test {
 protected:
  HistoryLogTest() {
    said.clear();
    set_log_sink([](Severity, std::string_view line) { said.emplace_back(line); });
    begin();
  }
  ~HistoryLogTest() override { set_log_sink(nullptr); }

  void begin(const HistoryRun::Setup& setup = {}) {
    device.reset();
    log = std::make_unique<sim::AppendLog>(faults, disk, "history");
    device = std::make_unique<HistoryRun>(*log, setup);
    ASSERT_TRUE(device->found.has_value());
  }
  const HistoryLog::Counts& counts() const { return device->log_of->counts(); }
  /// A number with all its digits and a switch, each so often in a second.
  void sample(int seconds, int per_second) {
    for (int i = 0; i < seconds * per_second; ++i) {
      device->put(HistoryRun::number, 1.0 / (3.0 + i));
      device->put(HistoryRun::boolean, i % 3 == 0);
      device->pass(from_ms(1000 / per_second));
    }
  }

  sim::Faults faults;
  std::string disk;
  std::unique_ptr<sim::AppendLog> log;
  std::unique_ptr<HistoryRun> device;
};

TEST_F(HistoryLogTest, writes_one_piece_in_an_interval) {
  device->pass(from_ms(100));
  EXPECT_EQ(counts().pieces, 1U) << "the first one shows that there was a run";
  const std::size_t first = disk.size();
  sample(59, 1);
  EXPECT_EQ(disk.size(), first);
  sample(2, 1);
  EXPECT_EQ(counts().pieces, 2U);
  EXPECT_EQ(counts().bytes, disk.size());
  sample(120, 1);
  EXPECT_EQ(counts().pieces, 4U);
}

TEST_F(HistoryLogTest, an_idle_device_does_not_touch_its_card) {
  sample(61, 1);
  device->pass(HistoryRun::kEvery);
  const std::size_t written = disk.size();
  device->pass(20 * HistoryRun::kEvery);
  EXPECT_EQ(disk.size(), written);
  sample(61, 1);
  EXPECT_GT(disk.size(), written) << "and goes on when there is something";
}

/// What docs/DESIGN.md promises of a day: no more than a piece each minute, and one at the start, however
/// much is sampled.
TEST_F(HistoryLogTest, however_much_is_sampled_the_wear_has_a_limit) {
  begin({.places = 4096});
  sample(3600, 20);
  constexpr std::uint64_t kPieces = 61;
  EXPECT_LE(counts().pieces, kPieces);
  EXPECT_GE(counts().pieces, kPieces - 1);
  EXPECT_LE(disk.size(), kPieces * hal::AppendLog::kPieceBytesMax);
  EXPECT_GT(counts().thinned, 0U);
}

TEST_F(HistoryLogTest, who_wants_too_much_is_thinned_and_the_others_are_not) {
  begin({.places = 4096});
  device->pass(from_ms(100));
  sample(60, 20);
  for (int i = 0; i < 10; ++i) device->put(HistoryRun::text, device::Text{"unthinned"});
  device->end();
  EXPECT_EQ(counts().thinned, 1U);
  begin({.places = 4096, .clock_ms = HistoryRun::kClock_ms + 3'600'000});
  EXPECT_EQ(device->told(HistoryRun::text).size(), 11U);
  EXPECT_TRUE(device->is_complete(HistoryRun::text, 0));
  EXPECT_EQ(device->told(HistoryRun::boolean).size(), 1201U);
  EXPECT_TRUE(device->is_complete(HistoryRun::boolean, 0));
  const std::vector<std::string> thinned = device->told(HistoryRun::number);
  ASSERT_GE(thinned.size(), 601U) << "every second one of 1200, and the gap";
  EXPECT_EQ(thinned[thinned.size() - 2].substr(thinned[thinned.size() - 2].find(' ')), " good 65050")
      << "the newest is among them";
  EXPECT_FALSE(device->is_complete(HistoryRun::number, 64'000)) << "and it is told that some are missing";
}

TEST_F(HistoryLogTest, what_the_ring_gave_up_before_is_told_as_missing) {
  device->pass(from_ms(100));
  sample(59, 2);
  device->end();
  begin({.places = 200, .clock_ms = HistoryRun::kClock_ms + 3'600'000});
  EXPECT_EQ(device->told(HistoryRun::number).size(), 65U);
  EXPECT_FALSE(device->is_complete(HistoryRun::number, 5000));
}

TEST_F(HistoryLogTest, while_the_log_fails_the_rings_go_on_and_nothing_is_written_twice) {
  device->pass(from_ms(100));
  faults.add({sim::FaultKind::fails, "history", device->now, device->now + from_ms(150'000)});
  sample(30, 1);
  device->pass(from_ms(90'000));
  EXPECT_EQ(counts().failures, 2U) << "it is tried again at the next interval, not sooner";
  EXPECT_EQ(std::count_if(said.begin(), said.end(),
                          [](const auto& line) { return line.find("the disk is full") != line.npos; }),
            1)
      << "and told once";
  sample(20, 1);
  device->pass(2 * HistoryRun::kEvery);
  EXPECT_EQ(said.back(), "history: written again");
  device->end();
  begin({.clock_ms = HistoryRun::kClock_ms + 3'600'000});
  EXPECT_EQ(device->told(HistoryRun::number).size(), 51U);
  EXPECT_TRUE(device->is_complete(HistoryRun::number, 0));
}

TEST_F(HistoryLogTest, a_hung_log_holds_nobody_up) {
  device->pass(from_ms(100));
  faults.add({sim::FaultKind::hung, "history", device->now, kNever});
  sample(70, 1);
  device->log_of->close(device->now);
  EXPECT_FALSE(device->log_of->is_settled(device->now));
  EXPECT_TRUE(device->log_of->is_settled(device->now + HistoryLog::kCloseWithin));
}

TEST_F(HistoryLogTest, an_end_comes_at_once_also_while_a_piece_is_under_way) {
  device->pass(from_ms(100));
  device->put(HistoryRun::number, 1.0);
  device->pass(HistoryRun::kEvery - from_ms(100));
  const std::uint64_t before = counts().pieces;
  device->put(HistoryRun::number, 2.0);
  device->end();
  EXPECT_TRUE(device->log_of->is_settled(device->now));
  EXPECT_GE(counts().pieces, before + 1);
  begin({.clock_ms = HistoryRun::kClock_ms + 3'600'000});
  EXPECT_FALSE(device->found->is_cut_off);
  EXPECT_EQ(device->told(HistoryRun::number).size(), 3U);
}

TEST_F(HistoryLogTest, an_end_that_cannot_be_written_is_given_up) {
  device->pass(from_ms(100));
  faults.add({sim::FaultKind::fails, "history", device->now, kNever});
  device->put(HistoryRun::number, 2.0);
  device->end();
  EXPECT_TRUE(device->log_of->is_settled(device->now));
  begin({.clock_ms = HistoryRun::kClock_ms + 3'600'000});
}

TEST_F(HistoryLogTest, without_a_log_it_has_nothing_to_do) {
  HistoryLog idle{{}, {device->roster, device->values, *device->history}};
  EXPECT_EQ(idle.step(device->now, {}), kNever);
  idle.close(device->now);
  EXPECT_TRUE(idle.is_settled(device->now));
}

}  // namespace
}  // namespace signalbox::telemetry
