#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/check.hpp"

namespace signalbox::session {

/// The latest entries of a sequence, in the order of their `offset`, in a ring. Each reader keeps a place of
/// its own in the sequence. A new entry overwrites the oldest; a reader that is too late knows how many it
/// lost.
template <typename Entry>
class RecentLog {
 public:
  explicit RecentLog(std::span<Entry> slots) : slots_{slots} {}

  void add(const Entry& entry) {
    Entry& slot = slots_[slot_of(end_)];
    if (end_ >= slots_.size()) forgotten_ = slot.offset;
    slot = entry;
    ++end_;
  }

  // Entries are counted from 0 since start.
  std::uint64_t oldest() const { return end_ > slots_.size() ? end_ - slots_.size() : 0; }
  std::uint64_t end() const { return end_; }
  /// The place of the first entry with a higher offset. Where such entries may have been overwritten, it lies
  /// before `oldest`, by as many as can have been.
  std::uint64_t place_after(std::uint64_t offset) const {
    std::uint64_t place = oldest();
    if (forgotten_ > offset) return place - std::min(place, forgotten_ - offset);
    while (place < end_ && at(place).offset <= offset) ++place;
    return place;
  }
  const Entry& at(std::uint64_t place) const {
    SIGNALBOX_CHECK(place >= oldest() && place < end_);
    return slots_[slot_of(place)];
  }

 private:
  std::size_t slot_of(std::uint64_t place) const { return static_cast<std::size_t>(place % slots_.size()); }

  std::span<Entry> slots_;
  std::uint64_t end_ = 0;
  std::uint64_t forgotten_ = 0;  ///< offset of the newest entry that gave way
};

}  // namespace signalbox::session
