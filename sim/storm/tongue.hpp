#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/storm/json_view.hpp"

namespace signalbox::sim::storm {

/// What a client speaks: how messages are put on the wire and read off it.
class Tongue {
 public:
  enum class Kind : std::uint8_t { envelope, jsonrpc, http };
  /// A message of the device, whatever it was spoken in.
  struct Heard {
    std::string_view type;
    JsonView reply_to;  ///< does not exist where it answers nothing, or nothing that could be told
    JsonView payload;
  };

  explicit Tongue(Kind kind) : kind_{kind} {}

  bool is_envelope() const { return kind_ == Kind::envelope; }
  /// One request, its answer, and what follows where that is a stream; by HTTP it has no name of its own.
  bool is_http() const { return kind_ == Kind::http; }
  /// The sub-protocol.
  std::string_view name() const { return is_envelope() ? "signalbox.v1" : "jsonrpc"; }
  /// A request. `id` is empty where it has none, and a number if it begins with a digit; `payload` holds
  /// members without their braces.
  std::string say(std::string_view type, std::string_view id, bool traced, std::string_view payload) const;
  /// Nothing where it is not a message of that dialect.
  std::optional<Heard> hear(std::string_view text) const;

 private:
  Kind kind_;
};

}  // namespace signalbox::sim::storm
