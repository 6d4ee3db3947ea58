#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "control/controller.hpp"
#include "device/part_kind.hpp"
#include "device/roster_change.hpp"
#include "hal/platform.hpp"
#include "telemetry/alarms.hpp"
#include "telemetry/sampler.hpp"

namespace signalbox::machine {

/// Replaces the device file of a device that runs. The new one is read and checked beside the present one;
/// the outputs that it changes go safe, and the parts that it changes come to rest; then all of it is
/// exchanged in one step, or nothing.
class Reload {
 public:
  /// How long outputs may take to become safe and parts to come to rest; after that the present file stays.
  static constexpr Duration kWithin = from_ms(3000);

  /// What it changes.
  struct Rooms {
    device::Roster& roster;
    telemetry::Sampler& sampler;
    telemetry::Alarms& alarms;
    control::Controller& controller;
    hal::Platform& platform;
  };
  struct Memory {
    std::span<device::Channel> channels;  ///< as many as the device may have
    std::span<device::Part> parts;
  };

  Reload(const Rooms& rooms, const Memory& memory) : rooms_{rooms}, next_{memory.channels, memory.parts} {}

  /// Begins with this text; none may be under way. `malformed` with the first mistake in it, `tooBig`:
  /// nothing was touched.
  Result<void> begin(std::string_view text, device::Catalogue catalogue, const control::Actor& by,
                     Instant now);
  /// Goes on after the controller was stepped; how it ended, once it has. `failed` where something did not
  /// come to rest in time, or a new part could not be started: the present file stays in force.
  std::optional<Result<void>> step(Instant now);
  /// Ends it without an effect but that outputs went safe.
  void give_up();
  Instant next() const { return change_ ? give_up_at_ : kNever; }

 private:
  std::optional<Error> not_at_rest(Instant now);
  Result<void> apply(Instant now);
  Result<void> exchange_parts();
  void start_again(const device::PartSet& parts);
  void tell_rooms(Instant now);
  void tell_control(Instant now);

  Rooms rooms_;
  device::Roster next_;  ///< what is to be; after the exchange, what was
  std::optional<device::RosterChange> change_;
  control::Actor by_{};
  Instant give_up_at_{};
};

}  // namespace signalbox::machine
