#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/path_pattern.hpp"
#include "base/result.hpp"
#include "device/action.hpp"
#include "device/channel.hpp"
#include "device/rung.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

using device::kWritesMax;
using device::Rung;

/// The longest deadline a command may name; also bounds how long its answer has to be remembered.
inline constexpr std::uint32_t kDeadlineMax_ms = 60'000;

/// One output to be moved.
struct Write {
  using Action = device::Action;
  /// As sent; an enum's value is its label. The channel decides which kind is right.
  using RawValue = std::variant<std::monostate, double, bool, std::string_view>;

  FixedText<kPathBytesMax> channel;
  Action action = Action::set;
  RawValue value;                             ///< for `set`
  std::uint32_t pulse_ms = 0;                 ///< for `pulse`
  std::optional<std::uint64_t> if_version{};  ///< the channel must still be at that version
};

/// Under which terms outputs are moved.
struct Terms {
  Rung until = Rung::verified;               ///< which rung is the final answer
  std::optional<std::uint32_t> deadline_ms;  ///< from receipt; 1 to kDeadlineMax_ms
  std::optional<std::int64_t> not_after_ms;  ///< device time, Unix ms; the earlier of the two rules
  std::optional<FixedText<16>> epoch;        ///< runs in this epoch only
  std::uint32_t lease_ms = 0;                ///< 0: no lease asked for
  FixedText<36> client_id;  ///< with it a repeat gets the stored answer; empty: none is stored
};

/// Asks for an output to be moved.
struct Command {
  static constexpr std::string_view type = "command";
  Write write;
  Terms terms;
};
Result<Command> read_command(const JsonReader& payload);

/// Asks for outputs to be moved together or not at all.
struct Scene {
  static constexpr std::string_view type = "scene";
  std::array<Write, kWritesMax> writes{};
  std::uint8_t writes_count = 0;
  Terms terms;
};
Result<Scene> read_scene(const JsonReader& payload);

/// The value as `channel` holds it, or `malformed` (wrong type), `outOfRange`, with what would be right.
Result<device::Value> value_for(const device::Channel& channel, const Write::RawValue& raw);

}  // namespace signalbox::protocol
