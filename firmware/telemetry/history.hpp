#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "base/ring.hpp"
#include "device/values.hpp"

namespace signalbox::telemetry {

/// The latest samples of every channel, each channel's in a ring of its own, all rings of one size. A full
/// ring overwrites its oldest sample and remembers the offset, so that a gap can be told from silence.
/// Samples of earlier runs, read back from the log, come before those of this run.
class History {
 public:
  /// A sample of the past.
  struct Entry {
    device::Value value{};
    /// In this run: monotonic. Of an earlier run, whose monotonic clock is gone: since the beginning of Unix
    /// time; see `label`. Ordered among the entries of this run, and among those of earlier runs.
    Instant taken_at{};
    std::uint64_t offset = 0;
    device::Quality quality = device::Quality::stale;
    bool was_read = false;  ///< false: nothing was ever read, `value` means nothing
  };
  /// What of a channel is missing.
  struct Loss {
    std::uint64_t until = 0;  ///< the newest one's offset; 0: none is
    Instant at{};             ///< no missing one was taken later
  };
  /// One channel's ring.
  struct Track {
    Ring<Entry> entries;
    Loss lost{};       ///< of this run
    Loss past_lost{};  ///< of earlier ones, whose time counts as that of their entries
  };
  struct Memory {
    std::span<Track> tracks;   ///< one for each channel
    std::span<Entry> entries;  ///< shared out equally; may be none: then everything is lost at once
  };

  explicit History(const Memory& memory);

  /// Keeps what `device::Values` just took.
  void put(device::ChannelIndex channel, const device::Latest& latest);

  /// Puts a sample of an earlier run behind those restored before. Those that claim to be later are dropped:
  /// the clock was set back in between, so it was wrong then. Before anything is `put`.
  void restore(device::ChannelIndex channel, const Entry& entry);
  /// Samples of that channel up to that offset are missing, of earlier runs or of this one, and none was
  /// taken after `at`.
  void lose_past(device::ChannelIndex channel, std::uint64_t offset, Instant at);
  void lose(device::ChannelIndex channel, std::uint64_t offset, Instant at);
  /// All offsets up to there are of earlier runs.
  void end_past(std::uint64_t until) { restored_until_ = until; }
  /// Entries with higher offsets are of this run; 0: all are.
  std::uint64_t restored_until() const { return restored_until_; }
  /// What the wall clock says of an entry's moment. That of an earlier run stays what it was, however this
  /// run's clock is set.
  WallTime label(const Entry& entry, const WallClock& clock) const {
    return entry.offset > restored_until_ ? clock.label(entry.taken_at)
                                          : WallTime{to_ms(entry.taken_at.time_since_epoch())};
  }

  /// Oldest first.
  const Ring<Entry>& of(device::ChannelIndex channel) const { return track(channel).entries; }
  /// The offset of the newest sample that was overwritten, or is missing otherwise; 0: none.
  std::uint64_t lost_until(device::ChannelIndex channel) const {
    return std::max(track(channel).lost.until, track(channel).past_lost.until);
  }
  /// Whether any is missing that has a higher offset than `after` and was taken at `from` or later, as the
  /// wall clock says.
  bool has_lost(device::ChannelIndex channel, std::uint64_t after, WallTime from,
                const WallClock& clock) const;
  /// The place of the channel's first entry with a higher offset; the number of entries where there is none.
  std::size_t first_after(device::ChannelIndex channel, std::uint64_t offset) const;
  device::ChannelIndex channels() const { return static_cast<device::ChannelIndex>(tracks_.size()); }

 private:
  const Track& track(device::ChannelIndex channel) const {
    SIGNALBOX_CHECK(channel < tracks_.size());
    return tracks_[channel];
  }
  void push(device::ChannelIndex channel, const Entry& entry);
  void lose(device::ChannelIndex channel, const Entry& entry);

  std::span<Track> tracks_;
  std::uint64_t restored_until_ = 0;
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
