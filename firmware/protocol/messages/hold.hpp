#pragma once

#include <cstdint>
#include <string_view>

#include "base/path_pattern.hpp"
#include "base/result.hpp"

namespace signalbox::protocol {

class JsonReader;

/// Makes the sender's lease of an output last longer; the one way to do so.
struct Renew {
  static constexpr std::string_view type = "renew";
  FixedText<kPathBytesMax> channel;
  std::uint32_t lease_ms = 0;  ///< from receipt
};
Result<Renew> read_renew(const JsonReader& payload);

/// Asks for exclusive control of a group of outputs, or gives it away.
struct AskBaton {
  static constexpr std::string_view type = "baton";
  enum class Action : std::uint8_t {
    take,     ///< where nobody has it
    request,  ///< from whoever has it, who is told
    grant,    ///< to whoever requested it, or to nobody
    steal,    ///< from whoever has it
  };
  FixedText<31> group;
  Action action = Action::take;
};
Result<AskBaton> read_baton(const JsonReader& payload);

/// Every output goes safe at once and stays so until `reset`.
struct Stop {
  static constexpr std::string_view type = "stop";
};
Result<Stop> read_stop(const JsonReader& payload);

/// Commands are taken again after a stop; nothing is restored.
struct Reset {
  static constexpr std::string_view type = "reset";
};
Result<Reset> read_reset(const JsonReader& payload);

}  // namespace signalbox::protocol
