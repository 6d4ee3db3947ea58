#pragma once

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "control/guard.hpp"
#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "tests/firmware/control/held_lines.hpp"

namespace signalbox::control {

using device::Quality;
using hal::Completion;

/// Outputs with everything a device file can declare, below the controller.
class OutputsBench : public testing::Test, protected ActuationListener {
 protected:
  static constexpr std::string_view kFile =
      R"({"device":{"id":"d"},"stop":{"channel":"button","is":true},"parts":[
    {"kind":"relay","line":"heater","channels":{"state":{"path":"heater","safe":false,"baton":"cabin",
        "lease":{"required":true,"maxMs":5000},
        "interlocks":[{"channel":"door","is":false},{"channel":"cooler","is":false}]}}},
    {"kind":"relay","line":"cooler","channels":{"state":{"path":"cooler","safe":false,"baton":"cabin",
        "minOnMs":2000,"minOffMs":3000,"pulseMaxMs":1000,
        "override":{"channel":"hand","is":true,"value":true}}}},
    {"kind":"relay","line":"lamp","channels":{"state":{"path":"lamp","initial":true,"safe":false,
        "override":{"channel":"switch","is":true,"value":true}}}},
    {"kind":"digitalInput","line":"door","channels":{"state":{"path":"door"}}},
    {"kind":"digitalInput","line":"switch","channels":{"state":{"path":"switch"}}},
    {"kind":"digitalInput","line":"button","channels":{"state":{"path":"button"}}},
    {"kind":"digitalInput","line":"hand","channels":{"state":{"path":"hand"}}}]})";
  enum : device::ChannelIndex { kHeater, kCooler, kLamp, kDoor, kSwitch, kButton, kHand, kChannels };

  OutputsBench() {
    const auto mistake = device::read_device_file(kFile, drivers::catalogue(), roster);
    EXPECT_FALSE(mistake.has_value()) << mistake->text().view();
    EXPECT_TRUE(roster.start(ports).has_value());
    outputs.begin(now);
    for (const device::ChannelIndex input : {kDoor, kSwitch, kButton, kHand}) read(input, false);
    for (const device::ChannelIndex output : {kHeater, kCooler}) read(output, false);
    read(kLamp, true);
    now += from_ms(10'000);
  }

  void read(device::ChannelIndex channel, bool value, Quality quality = Quality::good) {
    values.put(channel, {value, quality, now});
  }
  /// Drives an output, whose line answers at once, and reads it back.
  void drive(device::ChannelIndex channel, bool value) {
    const bool held = std::exchange(lines.at_once, true);
    outputs.drive(channel, value, now + from_ms(100), now);
    outputs.conclude(channel, Completion::done, now);
    lines.at_once = held;
    read(channel, value);
  }
  /// Steps guard and failsafe, as the controller does.
  Instant step(Duration later = Duration{0}) {
    now += later;
    guard.step(now);
    return std::min(guard.next(),
                    failsafe.step(
                        now, [this](device::ChannelIndex channel) { return channel == busy; },
                        [this](device::ChannelIndex channel) { taken_over.push_back(channel); }));
  }
  Actor actor(Holder holder, std::string_view name = "ann") const {
    return {.holder = holder, .name = name, .session = "1-1", .peer = "192.0.2.7"};
  }
  void do_actuated(const Actuation& actuation) override { told.push_back(actuation); }
  void do_stop_changed(const StopChange& change) override { stops.push_back(change); }

  Instant now{from_ms(60'000)};
  HeldLines lines;
  hal::Platform::Ports ports{.i2c_buses = {}, .digital = &lines};
  std::array<device::Channel, kChannels> channels{};
  std::array<device::Part, kChannels> parts{};
  std::array<device::Latest, kChannels> latest{};
  device::Roster roster{channels, parts};
  device::Values values{latest};
  std::array<OutputState, kChannels> states{};
  std::array<Demand, kChannels> demands{};
  std::array<Lease, kChannels> leases{};
  std::array<Baton, device::kBatonsMax> batons{};
  Outputs outputs{roster, values, states};
  Authority authority{roster, {leases, batons}};
  Interlock interlock{outputs};
  Failsafe failsafe{outputs, demands, *this};
  Guard guard{roster, outputs, authority, interlock, failsafe, *this};
  device::ChannelIndex busy = device::kNoChannel;
  std::vector<device::ChannelIndex> taken_over;
  std::vector<Actuation> told;
  std::vector<StopChange> stops;
};

}  // namespace signalbox::control
