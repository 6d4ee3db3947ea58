#include "boards/bench/device_file.hpp"

#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include "boards/bench/budget.hpp"
#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"

namespace signalbox::boards::bench {
namespace {

/// A roster of the bench's budget, filled from its own device file.
struct Bench {
  std::array<device::Channel, budget.channels_max> channels;
  std::array<device::Part, budget.parts_max> parts;
  device::Roster roster{channels, parts};
  std::optional<device::Mistake> mistake =
      device::read_device_file(device_file, drivers::catalogue(), roster);
};

TEST(BenchDeviceFile, IsRight) {
  const auto bench = std::make_unique<Bench>();
  ASSERT_FALSE(bench->mistake.has_value()) << bench->mistake->text().view();
  EXPECT_EQ(bench->roster.id.view(), "bench");
  for (const std::string_view path :
       {"host/load", "host/memoryUsed", "host/memoryAvailable", "host/received", "host/sent", "host/uptime",
        "host/temperature", "cabin/temperature", "cabin/heater", "cabin/heaterSense", "cabin/fan",
        "cabin/doorOpen", "tank/level"})
    EXPECT_NE(bench->roster.find(path), device::kNoChannel) << path;
}

TEST(BenchDeviceFile, StartsOnTheSimulatedBench) {
  sim::World world;
  sim::Faults faults;
  sim::Clock clock;
  sim::Host host{clock};
  sim::Platform platform{world, faults, host};
  const auto bench = std::make_unique<Bench>();
  const Result<void> started = bench->roster.start(platform.ports());
  ASSERT_TRUE(started.has_value()) << started.error().detail.view();
  EXPECT_NE(bench->roster.actuator(bench->roster.find("cabin/heater")), nullptr);
  EXPECT_NE(bench->roster.actuator(bench->roster.find("cabin/fan")), nullptr);
}

TEST(BenchDeviceFile, SwitchesEverythingOffForSafety) {
  const auto bench = std::make_unique<Bench>();
  for (const device::Channel& channel : bench->roster.channels()) {
    if (!channel.is_output()) continue;
    EXPECT_EQ(device::as_number(channel.output->safe), 0.0) << channel.path.view();
    EXPECT_EQ(device::as_number(channel.output->initial), 0.0) << channel.path.view();
  }
}

}  // namespace
}  // namespace signalbox::boards::bench
