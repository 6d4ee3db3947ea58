// What is left of a log that a power cut, a bad card or somebody has damaged.
#include <gtest/gtest.h>

#include "firmware/telemetry/restoration_bench.hpp"

namespace signalbox::telemetry {
namespace {

TEST_F(RestorationTest, a_torn_piece_is_dropped_and_overwritten) {
  run([](HistoryRun& device) {
    warm(device);
    device.end();
  });
  const std::string whole = disk;
  run(
      [](HistoryRun& device) {
        device.put(HistoryRun::number, 1.0);
        device.end();
      },
      later());
  const std::string longer = disk;
  for (std::size_t cut = whole.size(); cut < longer.size(); ++cut) {
    for (const std::string& left : {longer.substr(0, cut), whole + std::string(cut - whole.size(), '\0')}) {
      disk = left;
      run(
          [&](HistoryRun& device) {
            EXPECT_GE(device.told(HistoryRun::number).size(), 6U);
            if (device.found->damaged > 0) {
              EXPECT_TRUE(device.found->is_cut_off);
            }
            device.end();
          },
          later());
      EXPECT_EQ(disk.substr(0, whole.size()), whole);
      run([](HistoryRun& device) { EXPECT_EQ(device.found->damaged, 0U); }, later(2 * kHour_ms));
    }
  }
}

TEST_F(RestorationTest, flipped_bits_cost_their_piece_and_no_other) {
  run([](HistoryRun& device) {
    for (int i = 0; i < 3; ++i) {
      device.put(HistoryRun::number, 10.0 * i);
      device.pass(HistoryRun::kEvery);
    }
    device.end();
  });
  const std::string whole = disk;
  const std::size_t second = whole.find(kPieceBegin, 1);
  const std::size_t third = whole.find(kPieceBegin, second + 1);
  for (std::size_t place = second; place < third; ++place) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      disk = whole;
      disk[place] = static_cast<char>(static_cast<unsigned>(disk[place]) ^ (1U << bit));
      run(
          [&](HistoryRun& device) {
            const bool is_version = place == second + kPieceBegin.size() - 1;
            EXPECT_EQ(device.found->damaged, third - second);
            EXPECT_EQ(device.found->is_other_version, is_version);
            const Lines told = device.told(HistoryRun::number);
            ASSERT_EQ(told.size(), 4U);
            EXPECT_EQ(told[0], "0 good 5000");
            EXPECT_EQ(told[1], "nothing stale 5000") << "nobody draws a line through it";
            EXPECT_EQ(told[2].substr(0, 3), "20 ");
            EXPECT_FALSE(device.is_complete(HistoryRun::number, 66'000));
          },
          later());
    }
  }
}

TEST_F(RestorationTest, what_is_none_of_ours_is_left_out_and_told) {
  const std::string begin{kPieceBegin};
  std::string other(5000, 'x');
  other.replace(0, begin.size(), begin);
  other[3] = '2';
  std::string thrice = begin;
  thrice.append(begin).append(begin);
  for (const std::string& strange : {std::string(20'000, 'x'), std::string(20'000, '\0'), begin, other,
                                     thrice, std::string(8190, 'x') + begin}) {
    disk = strange;
    run([&](HistoryRun& device) {
      EXPECT_EQ(device.found->damaged, strange.size());
      EXPECT_EQ(device.found->is_other_version, strange == other);
      EXPECT_EQ(device.found->last_run, 0U);
      warm(device);
      device.end();
    });
    EXPECT_EQ(disk.substr(0, begin.size()), begin) << "it has the place of what nobody can read";
  }
}

/// A clock beyond all times is none that was set; nothing is computed from it.
TEST_F(RestorationTest, a_clock_beyond_all_times_was_never_set) {
  run(
      [](HistoryRun& device) {
        warm(device);
        device.end();
      },
      {.clock_ms = std::int64_t{14'918'173'765'716'031}});
  run([](HistoryRun& device) {
    EXPECT_EQ(device.found->undated, 1U);
    EXPECT_TRUE(device.told(HistoryRun::number).empty());
  });
}

TEST_F(RestorationTest, a_log_that_cannot_be_read_is_no_past) {
  sim::AppendLog log{faults, disk = "something", "history"};
  faults.add({sim::FaultKind::fails, "history", Instant{}, kNever});
  HistoryRun device{log};
  ASSERT_FALSE(device.found.has_value());
  EXPECT_NE(device.found.error().detail.view().find("cannot read history"), std::string_view::npos);
  EXPECT_FALSE(device.is_complete(HistoryRun::number, 0));
  EXPECT_EQ(disk, "something");
}

}  // namespace
}  // namespace signalbox::telemetry
