#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/path_pattern.hpp"
#include "base/result.hpp"
#include "device/channel.hpp"
#include "device/rung.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

using device::Rung;

/// Asks for an output to be moved.
struct Command {
  static constexpr std::string_view type = "command";
  enum class Action : std::uint8_t { set, toggle };
  /// As sent; an enum's value is its label. The channel decides which kind is right.
  using RawValue = std::variant<std::monostate, double, bool, std::string_view>;

  FixedText<kPathBytesMax> channel;
  Action action = Action::set;
  RawValue value;                            ///< for `set`
  Rung until = Rung::verified;               ///< which rung is the final answer
  std::optional<std::uint32_t> deadline_ms;  ///< from receipt; 1 to 3,600,000
  std::optional<std::int64_t> not_after_ms;  ///< device time, Unix ms; the earlier of the two rules
  std::optional<FixedText<16>> epoch;        ///< runs in this epoch only
};
Result<Command> read_command(const JsonReader& payload);

/// The value as `channel` holds it, or `malformed` (wrong type), `outOfRange`, with what would be right.
Result<device::Value> value_for(const device::Channel& channel, const Command::RawValue& raw);

}  // namespace signalbox::protocol
