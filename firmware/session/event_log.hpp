#pragma once

#include <cstdint>
#include <span>

#include "base/check.hpp"
#include "device/values.hpp"
#include "protocol/messages/event.hpp"

namespace signalbox::session {

/// The latest events of the device, for everybody who asked for them. The oldest gives way to the newest; a
/// reader that is too late is told how many it lost.
class EventLog {
 public:
  EventLog(std::span<protocol::Event> slots, device::Values& values) : slots_{slots}, values_{values} {}

  /// Gives the event the device's next offset.
  std::uint64_t add(protocol::Event event) {
    event.offset = values_.advance();
    slots_[end_ % slots_.size()] = event;
    ++end_;
    return event.offset;
  }

  // Events are counted from 0 since start.
  std::uint64_t oldest() const { return end_ > slots_.size() ? end_ - slots_.size() : 0; }
  std::uint64_t end() const { return end_; }
  const protocol::Event& at(std::uint64_t place) const {
    SIGNALBOX_CHECK(place >= oldest() && place < end_);
    return slots_[place % slots_.size()];
  }

 private:
  std::span<protocol::Event> slots_;
  device::Values& values_;
  std::uint64_t end_ = 0;
};

}  // namespace signalbox::session
