#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/instant.hpp"
#include "device/condition.hpp"
#include "device/value.hpp"

namespace signalbox::device {

/// A baton's place in the roster.
using BatonIndex = std::uint8_t;
inline constexpr BatonIndex kNoBaton = 0xFF;
inline constexpr std::size_t kBatonsMax = 8;

inline constexpr std::size_t kInterlocksMax = 4;

/// How an output's effect is proven: another channel must read `scale * value + offset`, give or take
/// `tolerance`.
struct Feedback {
  ChannelIndex channel = kNoChannel;
  double scale = 1.0;
  double offset = 0.0;
  double tolerance = 0.0;
  Duration within = from_ms(1000);  ///< counted from `applied`; the file's `verifyMs`

  friend bool operator==(const Feedback&, const Feedback&) = default;
};

/// An output that is held by lease: it falls to its safe value when nobody renews.
struct LeaseRule {
  bool required = false;  ///< without a lease it does not leave its safe value
  Duration longest = from_ms(60'000);

  friend bool operator==(const LeaseRule&, const LeaseRule&) = default;
};

/// A switch on the device that wins over everybody on the wire.
struct LocalOverride {
  Condition when;
  Value value{false};  ///< what the output then holds

  friend bool operator==(const LocalOverride&, const LocalOverride&) = default;
};

/// What the device file declares for an output.
struct OutputRules {
  Value initial{false};                                ///< at start, without a glitch
  Value safe{false};                                   ///< when the device stops or loses its holder
  Duration command_deadline = from_ms(2000);           ///< where the command names none
  std::optional<Feedback> feedback{};                  ///< none: commands end at `applied`
  Duration pulse_longest{};                            ///< 0: no pulses
  std::optional<LeaseRule> lease{};                    ///< none: no leases
  Duration on_at_least{};                              ///< away from its safe value
  Duration off_at_least{};                             ///< at its safe value
  double change_per_second = 0.0;                      ///< numbers: no faster; 0: any
  std::array<Condition, kInterlocksMax> interlocks{};  ///< all must hold while it is away from its safe value
  std::uint8_t interlocks_count = 0;
  BatonIndex baton = kNoBaton;  ///< whose group it belongs to
  std::optional<LocalOverride> local_override{};

  std::span<const Condition> conditions() const { return std::span{interlocks}.first(interlocks_count); }

  friend bool operator==(const OutputRules&, const OutputRules&) = default;
};

}  // namespace signalbox::device
