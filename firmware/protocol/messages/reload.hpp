#pragma once

#include <string_view>

#include "base/result.hpp"

namespace signalbox::protocol {

class JsonReader;

/// Asks that the device file be read again.
struct Reload {
  static constexpr std::string_view type = "reload";
};
Result<Reload> read_reload(const JsonReader& payload);

}  // namespace signalbox::protocol
