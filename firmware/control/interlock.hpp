#pragma once

#include <optional>
#include <span>

#include "base/error.hpp"
#include "control/outputs.hpp"

namespace signalbox::control {

/// A value that an output is about to take.
struct Planned {
  device::ChannelIndex channel = device::kNoChannel;
  device::Value value{};
};

/// What the device file declares about when an output may leave its safe value, how fast and for how long.
class Interlock {
 public:
  explicit Interlock(Outputs& outputs) : outputs_{outputs} {}

  /// Why an output may not take its planned value now, `all` being planned for the same moment;
  /// `interlocked`.
  std::optional<Error> forbids(const Planned& planned, std::span<const Planned> all, Instant now) const;
  /// The first declared condition of an output that does not hold; nullptr: all do.
  const device::Condition* broken(device::ChannelIndex channel, std::span<const Planned> all = {}) const;
  /// Whether every output that one of these depends on, or that depends on one of these, has been read since
  /// it last moved. Before that, nobody knows whether it does what it was told.
  bool is_settled(std::span<const Planned> all, Instant now) const;

  /// The condition under which the other output may be away from its safe value and that the planned one does
  /// not fulfil; nullptr: none.
  const device::Condition* against(const Planned& planned, device::ChannelIndex other) const;

 private:
  bool binds(device::ChannelIndex one, device::ChannelIndex other) const;
  std::optional<Error> breaks(const Planned& planned) const;
  bool holds(const device::Condition& condition, std::span<const Planned> all) const;

  Outputs& outputs_;
};

/// "cabin/doorOpen must be false": the condition as a person would say it.
FixedText<95> words_of(const device::Condition& condition, const device::Channel& watched);

}  // namespace signalbox::control
