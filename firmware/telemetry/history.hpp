#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "base/ring.hpp"
#include "device/values.hpp"

namespace signalbox::telemetry {

/// The latest samples of every channel, each channel's in a ring of its own, all rings of one size. A full
/// ring overwrites its oldest sample and knows up to which one it did: so nobody takes a hole for silence.
class History {
 public:
  /// A sample of the past.
  struct Entry {
    device::Value value{};
    Instant taken_at{};  ///< never earlier than that of the entry before
    std::uint64_t offset = 0;
    device::Quality quality = device::Quality::stale;
    bool was_read = false;  ///< false: nothing was ever read, `value` means nothing
  };
  /// One channel's ring.
  struct Track {
    Ring<Entry> entries;
    std::uint64_t lost_until = 0;
    Instant lost_at{};
  };
  struct Memory {
    std::span<Track> tracks;   ///< one for each channel
    std::span<Entry> entries;  ///< shared out equally; may be none: then everything is lost at once
  };

  explicit History(const Memory& memory);

  /// Keeps what `device::Values` just took.
  void put(device::ChannelIndex channel, const device::Latest& latest);

  /// Oldest first.
  const Ring<Entry>& of(device::ChannelIndex channel) const { return track(channel).entries; }
  /// The offset of the newest sample that was overwritten; 0: none was.
  std::uint64_t lost_until(device::ChannelIndex channel) const { return track(channel).lost_until; }
  /// When that one was taken.
  Instant lost_at(device::ChannelIndex channel) const { return track(channel).lost_at; }
  /// The place of the channel's first entry with a higher offset; the number of entries where there is none.
  std::size_t first_after(device::ChannelIndex channel, std::uint64_t offset) const;
  device::ChannelIndex channels() const { return static_cast<device::ChannelIndex>(tracks_.size()); }

 private:
  const Track& track(device::ChannelIndex channel) const {
    SIGNALBOX_CHECK(channel < tracks_.size());
    return tracks_[channel];
  }

  std::span<Track> tracks_;
};

/// Goes through the entries of several channels in the order of their offsets.
class HistoryWalk {
 public:
  struct Step {
    device::ChannelIndex channel = device::kNoChannel;
    const History::Entry* entry = nullptr;  ///< nullptr: that was all
  };

  /// Begins at the first entry above `after`.
  HistoryWalk(const History& history, const device::ChannelSet& channels, std::uint64_t after);
  /// As much work as there are channels.
  Step next();

 private:
  const History& history_;
  std::array<std::uint32_t, device::kChannelsCeiling> places_{};  ///< of each channel's next entry
};

/// The first of `count` places for which `holds(place)`; where none does, `count`. Once it holds, it must go
/// on holding.
template <typename Holds>
std::size_t first_place(std::size_t count, Holds&& holds) {
  std::size_t first = 0;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (holds(first + half)) {
      count = half;
    } else {
      first += half + 1;
      count -= half + 1;
    }
  }
  return first;
}

}  // namespace signalbox::telemetry
