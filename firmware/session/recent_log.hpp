#pragma once

#include <cstdint>
#include <span>

#include "base/check.hpp"

namespace signalbox::session {

/// The latest entries of something that goes on, for readers who each have a place in it. The oldest gives
/// way to the newest; a reader that is too late can tell how many it lost.
template <typename Entry>
class RecentLog {
 public:
  explicit RecentLog(std::span<Entry> slots) : slots_{slots} {}

  void add(const Entry& entry) {
    slots_[end_ % slots_.size()] = entry;
    ++end_;
  }

  // Entries are counted from 0 since start.
  std::uint64_t oldest() const { return end_ > slots_.size() ? end_ - slots_.size() : 0; }
  std::uint64_t end() const { return end_; }
  const Entry& at(std::uint64_t place) const {
    SIGNALBOX_CHECK(place >= oldest() && place < end_);
    return slots_[place % slots_.size()];
  }

 private:
  std::span<Entry> slots_;
  std::uint64_t end_ = 0;
};

}  // namespace signalbox::session
