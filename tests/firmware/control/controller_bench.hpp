#pragma once

#include <array>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "control/controller.hpp"
#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "tests/firmware/control/held_lines.hpp"

namespace signalbox::control {

using device::Quality;
using device::Rung;
using hal::Completion;

constexpr std::string_view kFile = R"({"device":{"id":"d"},"parts":[
  {"kind":"relay","line":"lamp","channels":{"state":{"path":"lamp","initial":false,"safe":false}}},
  {"kind":"relay","line":"pump","channels":{"state":{"path":"pump","initial":false,"safe":true,
      "feedback":{"channel":"flow","verifyMs":500}}}},
  {"kind":"digitalInput","line":"flow","channels":{"state":{"path":"flow"}}}]})";
enum : device::ChannelIndex { kLamp, kPump, kFlow, kChannels };

/// What the controller told of one command: rungs on the way, and its end once.
struct Heard {
  std::vector<Rung> rungs;
  int ends = 0;
  std::optional<Error> error;
  std::vector<std::pair<device::ChannelIndex, Reason>> refusals;

  bool ended() const { return ends == 1; }
  bool failed_by(Reason reason) const { return ended() && error && error->reason == reason; }
};

class ControllerTest : public testing::Test, private CommandListener, private ActuationListener {
 protected:
  ControllerTest() {
    const auto mistake = device::read_device_file(kFile, drivers::catalogue(), roster);
    EXPECT_FALSE(mistake.has_value()) << mistake->text().view();
    EXPECT_TRUE(roster.start(ports).has_value());
    controller.begin(now);
  }
  ~ControllerTest() override {
    for (const auto& [place, told] : heard) EXPECT_LE(told.ends, 1) << "command " << place;
  }

  /// A command of one write; without a value: toggle.
  Command command_on(device::ChannelIndex channel, std::optional<device::Value> value,
                     Rung until = Rung::verified, Duration deadline = from_ms(1000),
                     std::uint32_t place = kNoPlace) const {
    Command command{
        .answer_to = {{7, 1}, place}, .until = until, .asked_at = now, .deadline = now + deadline};
    command.writes[0] = {.channel = channel,
                         .action = value ? Write::Action::set : Write::Action::toggle,
                         .value = value.value_or(device::Value{})};
    command.writes_count = 1;
    return command;
  }
  /// Submits a command; its number.
  std::uint32_t send(device::ChannelIndex channel, std::optional<device::Value> value,
                     Rung until = Rung::verified, Duration deadline = from_ms(1000)) {
    const std::uint32_t place = ++sent;
    EXPECT_TRUE(controller.submit(command_on(channel, value, until, deadline, place)).has_value());
    return place;
  }
  /// Holder 7 turns the lamp on by lease; the command that does it.
  Command turn_on_by_lease(std::uint32_t place = 1, Duration deadline = from_ms(1000)) {
    Command command = command_on(kLamp, true, Rung::applied, deadline, place);
    command.actor.holder = 7;
    command.lease = from_ms(5000);
    EXPECT_TRUE(controller.submit(command).has_value());
    step();
    EXPECT_EQ(controller.authority().lease(kLamp).held_by.holder, 7U);
    return command;
  }
  Instant step(Duration later = Duration{0}) {
    now += later;
    return controller.step(now);
  }
  void read(device::ChannelIndex channel, bool value, Quality quality = Quality::good) {
    values.put(channel, {value, quality, now});
  }
  void do_progressed(const Progressed& progressed) override {
    Heard& told = heard[progressed.answer_to.place];
    if (!progressed.error) told.rungs.push_back(progressed.rung);
    told.ends += progressed.final ? 1 : 0;
    if (progressed.error) told.error = progressed.error;
    for (const Refusal& refusal : progressed.refusals)
      told.refusals.emplace_back(refusal.channel, refusal.reason);
  }

  void do_actuated(const Actuation& actuation) override { actuations.push_back(actuation); }
  void do_stop_changed(const StopChange& change) override { stops.push_back(change); }

  Instant now{from_ms(1000)};
  HeldLines lines;
  hal::Platform::Ports ports{.i2c_buses = {}, .digital = &lines};
  std::array<device::Channel, kChannels> channels{};
  std::array<device::Part, 3> parts{};
  std::array<device::Latest, kChannels> latest{};
  device::Roster roster{channels, parts};
  device::Values values{latest};
  std::array<QueuedCommand, 4> slots{};
  std::array<OutputState, kChannels> outputs{};
  std::array<Demand, kChannels> demands{};
  std::array<Lease, kChannels> leases{};
  std::array<Baton, device::kBatonsMax> batons{};
  Controller controller{roster, values, {slots, outputs, demands, {leases, batons}}, *this, *this};
  std::vector<Actuation> actuations;
  std::vector<StopChange> stops;
  std::map<std::uint32_t, Heard> heard;
  std::uint32_t sent = 0;
};

using Rungs = std::vector<Rung>;

}  // namespace signalbox::control
