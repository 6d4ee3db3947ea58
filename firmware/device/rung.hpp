#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace signalbox::device {

/// How far an actuation has come; each rung includes the ones before.
enum class Rung : std::uint8_t {
  accepted,  ///< queued
  applied,   ///< the driver reports it done
  verified,  ///< an independent feedback agrees
};

constexpr std::string_view wire_name(Rung rung) {
  constexpr std::array<std::string_view, 3> names{"accepted", "applied", "verified"};
  return names[static_cast<std::size_t>(rung)];
}

}  // namespace signalbox::device
