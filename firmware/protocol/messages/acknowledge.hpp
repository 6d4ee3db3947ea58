#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::protocol {

class JsonReader;

/// Takes note of an alarm. It is named by the event that raised it, so that nobody acknowledges what was
/// raised after they looked.
struct Acknowledge {
  static constexpr std::string_view type = "acknowledge";
  std::uint64_t offset = 0;  ///< of its `alarmRaised`
};
Result<Acknowledge> read_acknowledge(const JsonReader& payload);

}  // namespace signalbox::protocol
