#pragma once

#include <string_view>

#include "base/result.hpp"

namespace signalbox::protocol {

class JsonReader;

/// Shows a credential after the socket is open. Answered by `ack` with outcome `authenticated`.
struct Authenticate {
  static constexpr std::string_view type = "authenticate";
  std::string_view token;
};
Result<Authenticate> read_authenticate(const JsonReader& payload);

}  // namespace signalbox::protocol
