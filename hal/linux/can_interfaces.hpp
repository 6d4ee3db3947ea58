#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/fixed_text.hpp"

namespace signalbox::hal::kernel {

/// What the kernel tells of a CAN interface.
struct CanInterface {
  FixedText<15> name;
  bool is_up = false;
  bool is_bus = false;        ///< a real one, which needs a bit rate; others are made of nothing (vcan)
  std::uint32_t bitrate = 0;  ///< bit/s; 0: none is set
  const char* state = "";     ///< of its controller, where it has one; see CanState

  /// The command that brings it up.
  FixedText<95> to_bring_up() const {
    return format_text<95>("ip link set %s up%s", name.c_str(), is_bus ? " type can bitrate 500000" : "");
  }
};

/// Those there are, by rtnetlink(7), in the kernel's order, as far as there is room. May wait for the kernel.
std::span<CanInterface> read_can_interfaces(std::span<CanInterface> into);

/// The one that a message of the kernel tells of (RTM_NEWLINK, from its `nlmsghdr` on); nothing where it is
/// none, or the message is damaged.
std::optional<CanInterface> can_interface_in(std::span<const std::byte> message);

}  // namespace signalbox::hal::kernel
