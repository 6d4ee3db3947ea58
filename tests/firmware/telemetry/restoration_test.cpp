#include "telemetry/restoration.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "firmware/telemetry/restoration_bench.hpp"

namespace signalbox::telemetry {
namespace {

TEST_F(RestorationTest, a_new_device_has_no_past) {
  run([](HistoryRun& device) {
    EXPECT_EQ(device.found->last_run, 0U);
    EXPECT_FALSE(device.found->is_cut_off);
    EXPECT_EQ(device.values.offset(), 0U);
    EXPECT_TRUE(device.is_complete(HistoryRun::number, 0));
  });
}

TEST_F(RestorationTest, what_was_measured_is_back_with_its_times_and_a_gap_behind_it) {
  run([](HistoryRun& device) {
    warm(device);
    device.put(HistoryRun::number, 20.5, device::Quality::fault);
    device.put(HistoryRun::boolean, true);
    device.put(HistoryRun::text, device::Text{"$WIXDR,ö"});
    device.put(HistoryRun::label, device::EnumIndex{1}, device::Quality::simulated);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.found->last_run, 1U);
        EXPECT_EQ(device.found->samples, 9U);
        EXPECT_FALSE(device.found->is_cut_off);
        EXPECT_EQ(device.told(HistoryRun::number),
                  (Lines{"20.5 good 5000", "21.5 good 6000", "22.5 good 7000", "23.5 good 8000",
                         "24.5 good 9000", "20.5 fault 10000", "nothing stale 10000"}));
        EXPECT_EQ(device.told(HistoryRun::boolean), (Lines{"1 good 10000", "nothing stale 10000"}));
        EXPECT_EQ(device.told(HistoryRun::text), (Lines{"$WIXDR,ö good 10000", "nothing stale 10000"}));
        EXPECT_EQ(device.told(HistoryRun::label), (Lines{"1 simulated 10000", "nothing stale 10000"}));
        EXPECT_TRUE(device.is_complete(HistoryRun::number, 0)) << "stopped in order, nothing is lost";
        EXPECT_FALSE(device.values.of(HistoryRun::number).was_read) << "what was is not what is";
        const std::uint64_t before = device.values.offset();
        device.put(HistoryRun::number, 19.0);
        EXPECT_GT(device.values.offset(), before);
        EXPECT_EQ(device.told(HistoryRun::number).back(), "19 good 3605000");
        device.end();
      },
      later());
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.found->last_run, 2U);
        const Lines told = device.told(HistoryRun::number);
        ASSERT_EQ(told.size(), 9U);
        EXPECT_EQ(told[7], "19 good 3605000");
        EXPECT_EQ(told[8], "nothing stale 3605000");
      },
      later(2 * kHour_ms));
}

TEST_F(RestorationTest, a_power_cut_takes_what_was_not_written_and_that_is_told) {
  run([](HistoryRun& device) {
    warm(device);
    device.pass(HistoryRun::kEvery);
    device.put(HistoryRun::number, 99.0);
  });
  run(
      [](HistoryRun& device) {
        EXPECT_TRUE(device.found->is_cut_off);
        const Lines told = device.told(HistoryRun::number);
        ASSERT_EQ(told.size(), 6U);
        EXPECT_EQ(told[4], "24.5 good 9000");
        EXPECT_EQ(told[5], "nothing stale 65003") << "the last piece reached so far";
        EXPECT_FALSE(device.is_complete(HistoryRun::number, kHour_ms)) << "off, or lost: up to its start";
        device.pass(from_ms(1000));
        device.put(HistoryRun::number, 1.0);
        EXPECT_TRUE(device.is_complete(HistoryRun::number, kHour_ms + 5500));
        device.end();
      },
      later());
  run(
      [](HistoryRun& device) {
        EXPECT_FALSE(device.found->is_cut_off);
        EXPECT_FALSE(device.is_complete(HistoryRun::number, kHour_ms)) << "what was lost then stays lost";
        EXPECT_TRUE(device.is_complete(HistoryRun::number, kHour_ms + 6500));
      },
      later(2 * kHour_ms));
}

TEST_F(RestorationTest, a_run_that_never_came_to_its_second_piece_is_known_to_have_been) {
  run([](HistoryRun& device) {
    warm(device);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        device.pass(from_ms(1000));
        warm(device);
      },
      later());
  run([](HistoryRun& device) { EXPECT_TRUE(device.found->is_cut_off); }, later(2 * kHour_ms));
}

TEST_F(RestorationTest, a_clock_that_was_set_meanwhile_counts_for_the_whole_run) {
  run(
      [](HistoryRun& device) {
        warm(device);
        device.pass(HistoryRun::kEvery);
        device.set_clock(HistoryRun::kClock_ms);
        device.put(HistoryRun::number, 30.0);
        device.end();
      },
      {.clock_ms = 0});
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.found->undated, 0U);
        const Lines told = device.told(HistoryRun::number);
        ASSERT_EQ(told.size(), 7U);
        EXPECT_EQ(told[0], "20.5 good 5000");
        EXPECT_EQ(told[5], "30 good 70000");
      },
      later());
}

TEST_F(RestorationTest, a_run_whose_clock_was_never_set_has_no_times_to_tell) {
  run([](HistoryRun& device) {
    warm(device);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        warm(device);
        device.end();
      },
      {.clock_ms = 0});
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.found->undated, 1U);
        EXPECT_EQ(device.told(HistoryRun::number).size(), 6U);
        device.put(HistoryRun::number, 1.0);
        device.end();
      },
      later());
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.told(HistoryRun::number).size(), 8U);
        EXPECT_FALSE(device.is_complete(HistoryRun::number, 6000)) << "its samples are missing";
      },
      later(2 * kHour_ms));
}

TEST_F(RestorationTest, however_this_runs_clock_is_set_the_past_stays_where_it_was) {
  run([](HistoryRun& device) {
    warm(device);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        device.put(HistoryRun::number, 1.0);
        EXPECT_EQ(device.told(HistoryRun::number).front(), "20.5 good 5000");
        device.set_clock(HistoryRun::kClock_ms + kHour_ms);
        EXPECT_EQ(device.told(HistoryRun::number).front(), "20.5 good 5000");
        EXPECT_EQ(device.told(HistoryRun::number).back(), "1 good 3605000");
      },
      {.clock_ms = 0});
}

TEST_F(RestorationTest, a_clock_that_was_set_back_between_runs_knew_better) {
  run(
      [](HistoryRun& device) {
        warm(device);
        device.end();
      },
      later(3));
  run([](HistoryRun& device) {
    device.pass(from_ms(1500));
    device.put(HistoryRun::number, 1.0);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.told(HistoryRun::number),
                  (Lines{"20.5 good 5003", "21.5 good 6003", "1 good 6500", "nothing stale 6500"}));
        EXPECT_FALSE(device.is_complete(HistoryRun::number, 6500)) << "some claimed to be later";
      },
      later());
}

TEST_F(RestorationTest, the_rings_keep_the_newest) {
  run([](HistoryRun& device) {
    warm(device);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.told(HistoryRun::number),
                  (Lines{"22.5 good 7000", "23.5 good 8000", "24.5 good 9000", "nothing stale 10000"}));
        EXPECT_FALSE(device.is_complete(HistoryRun::number, 6000));
        EXPECT_TRUE(device.is_complete(HistoryRun::number, 6001));
      },
      {.places = 4, .clock_ms = HistoryRun::kClock_ms + kHour_ms});
}

TEST_F(RestorationTest, without_rings_nothing_is_back_and_nothing_claimed) {
  run([](HistoryRun& device) {
    warm(device);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        EXPECT_TRUE(device.told(HistoryRun::number).empty());
        EXPECT_FALSE(device.is_complete(HistoryRun::number, 9000));
      },
      {.places = 0, .clock_ms = HistoryRun::kClock_ms + kHour_ms});
}

TEST_F(RestorationTest, a_log_of_many_pieces_is_read_to_its_end) {
  constexpr int kPieces = 500;
  run([](HistoryRun& device) {
    for (int i = 0; i < kPieces; ++i) {
      for (int k = 0; k < i % 40; ++k)
        device.put(HistoryRun::text, device::Text{k % 2 == 0 ? "even" : "odd"});
      device.put(HistoryRun::number, 1.0 * i);
      device.pass(HistoryRun::kEvery);
    }
    device.end();
  });
  EXPECT_GT(disk.size(), 4 * hal::AppendLog::kPieceBytesMax);
  run(
      [](HistoryRun& device) {
        EXPECT_EQ(device.found->damaged, 0U);
        const Lines told = device.told(HistoryRun::number);
        ASSERT_EQ(told.size(), kPieces + 1U);
        for (std::size_t i = 0; i < kPieces; ++i)
          EXPECT_EQ(told[i].substr(0, told[i].find(' ')), std::to_string(i));
        EXPECT_TRUE(device.is_complete(HistoryRun::number, 0));
      },
      {.places = 20'000, .clock_ms = HistoryRun::kClock_ms + 100 * kHour_ms});
}

/// A file that was thrown away by its successor's: what was before its first piece is missing.
TEST_F(RestorationTest, a_log_whose_beginning_is_gone_says_so) {
  run([](HistoryRun& device) {
    warm(device);
    device.pass(HistoryRun::kEvery);
    device.put(HistoryRun::number, 7.0);
    device.end();
  });
  disk = disk.substr(disk.rfind(kPieceBegin));
  run(
      [](HistoryRun& device) {
        EXPECT_FALSE(device.found->is_cut_off);
        EXPECT_EQ(device.told(HistoryRun::number).size(), 2U);
        EXPECT_FALSE(device.is_complete(HistoryRun::number, 10'000));
        EXPECT_TRUE(device.is_complete(HistoryRun::number, 71'000));
        EXPECT_FALSE(device.is_complete(HistoryRun::boolean, kHour_ms)) << "nobody knows what it had";
      },
      later());
}

TEST_F(RestorationTest, a_channel_that_is_declared_otherwise_is_another_one) {
  run([](HistoryRun& device) {
    warm(device);
    device.put(HistoryRun::boolean, true);
    device.end();
  });
  run(
      [](HistoryRun& device) {
        EXPECT_GT(device.found->strange, 0U);
        EXPECT_TRUE(device.told(HistoryRun::number).empty());
        EXPECT_EQ(device.told(HistoryRun::boolean).size(), 2U);
      },
      {.clock_ms = HistoryRun::kClock_ms + kHour_ms, .number_path = "cabin/air"});
  run([](HistoryRun& device) { EXPECT_EQ(device.told(HistoryRun::number).size(), 6U); }, later(2 * kHour_ms));
}

RC_GTEST_PROP(Restoration, BringsBackWhatWasPut, ()) {
  sim::Faults faults;
  std::string disk;
  Lines before;
  {
    sim::AppendLog log{faults, disk, "history"};
    HistoryRun device{log};
    for (const double value : *rc::gen::container<std::vector<double>>(rc::gen::suchThat(
             rc::gen::arbitrary<double>(), [](double one) { return std::isfinite(one); }))) {
      device.put(HistoryRun::number, value, static_cast<device::Quality>(*rc::gen::inRange<unsigned>(0, 4)));
      device.pass(from_ms(*rc::gen::element<std::int64_t>(0, 1, 50, 51, 999, 61'000, 1'000'000)));
    }
    device.end();
    before = device.told(HistoryRun::number);
  }
  sim::AppendLog log{faults, disk, "history"};
  const HistoryRun device{log, {.places = 65, .clock_ms = HistoryRun::kClock_ms + 1'000'000'000'000}};
  Lines after = device.told(HistoryRun::number);
  const bool is_separated = !before.empty() && !before.back().starts_with("nothing");
  if (is_separated && !after.empty()) after.pop_back();
  while (after.size() > before.size()) after.erase(after.begin());
  RC_ASSERT(after == before);
}

}  // namespace
}  // namespace signalbox::telemetry
