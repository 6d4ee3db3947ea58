#pragma once

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <string_view>

#include "device/device_file.hpp"
#include "device/values.hpp"
#include "drivers/catalogue.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"
#include "telemetry/history.hpp"

namespace signalbox {

/// What a device file declares, made of the real drivers on simulated hardware. Whoever tests steps it.
class SimDevice {
 public:
  explicit SimDevice(std::string_view file) {
    const auto mistake = device::read_device_file(file, drivers::catalogue(), roster);
    EXPECT_FALSE(mistake.has_value()) << mistake->text().view();
    const Result<void> started = roster.start(platform.ports());
    EXPECT_TRUE(started.has_value());
  }

  Instant now() { return clock.now(); }
  device::ChannelIndex index(std::string_view path) const {
    const device::ChannelIndex found = roster.find(path);
    EXPECT_NE(found, device::kNoChannel) << path;
    return found;
  }
  const device::Latest& latest_of(std::string_view path) const { return values.of(index(path)); }
  const device::Sample& sample(std::string_view path) const { return latest_of(path).sample; }

  sim::World world;
  sim::Faults faults;
  sim::Clock clock;
  sim::Host host{clock};
  sim::Platform platform{world, faults, host};
  std::array<device::Channel, 12> channels{};
  std::array<device::Part, 12> parts{};
  std::array<device::Latest, 12> latest{};
  device::Roster roster{channels, parts};
  device::Values values{latest};
  std::array<telemetry::History::Track, 12> tracks{};
  std::array<telemetry::History::Entry, std::size_t{12} * 4> past{};
  telemetry::History history{{tracks, past}};
};

}  // namespace signalbox
