#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "firmware/telemetry/history_run.hpp"
#include "sim/hal/append_log.hpp"

namespace signalbox::telemetry {

using Lines = std::vector<std::string>;
inline constexpr std::int64_t kHour_ms = 3'600'000;

/// Lives of a device, one after the other, on one disk.
class RestorationTest : public testing::Test {
 protected:
  RestorationTest() {
    set_log_sink([](Severity, std::string_view) {});
  }
  ~RestorationTest() override { set_log_sink(nullptr); }

  /// One run that `lives` and then loses its power.
  template <typename Lives>
  void run(Lives&& lives, const HistoryRun::Setup& setup = {}) {
    sim::AppendLog log{faults, disk, "history"};
    HistoryRun device{log, setup};
    EXPECT_TRUE(device.found.has_value());
    lives(device);
    log.cut_power(0);
  }
  /// The first run of most tests: a temperature each second for five of them.
  static void warm(HistoryRun& device) {
    for (int i = 0; i < 5; ++i) {
      device.put(HistoryRun::number, 20.5 + i);
      device.pass(from_ms(1000));
    }
  }
  static HistoryRun::Setup later(std::int64_t ms = kHour_ms) {
    return {.clock_ms = HistoryRun::kClock_ms + ms};
  }

  sim::Faults faults;
  std::string disk;
};

}  // namespace signalbox::telemetry
