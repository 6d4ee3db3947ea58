#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "machine/machine.hpp"
#include "sim/storm/bench.hpp"
#include "sim/storm/json_view.hpp"
#include "sim/storm/trace.hpp"

namespace signalbox::sim::storm {

/// Everything the device has sampled in one life, and at which offsets something else happened: nothing is
/// overwritten here.
class Chronicle {
 public:
  struct Taken {
    std::uint64_t offset = 0;
    device::Value value{};
    device::Quality quality = device::Quality::stale;
    Instant at{};
    bool was_read = false;
    bool is_past = false;  ///< of an earlier life: `at` is Unix time
  };

  Chronicle(Trace& line_by_line, const machine::Machine& machine) : trace_{line_by_line}, machine_{machine} {}

  /// Takes note of what earlier lives left; before the first step.
  void begin();
  /// Higher offsets are of this life.
  std::uint64_t began() const { return began_; }
  /// Whether something of that channel was lost before this life.
  bool has_lost(device::ChannelIndex channel) const { return lost_.test(channel); }

  /// After every step of the machine.
  void look(Instant now);

  /// The samples of that channel with offsets above `after`, up to `upto`; oldest first.
  std::span<const Taken> samples(device::ChannelIndex channel, std::uint64_t after, std::uint64_t upto) const;
  /// How many events have offsets above `after` and below `before`.
  std::size_t events_between(std::uint64_t after, std::uint64_t before) const;
  bool is_event(std::uint64_t offset) const { return events_between(offset - 1, offset + 1) == 1; }
  /// The newest event that is at least that old; 0: none.
  std::uint64_t event_before(Instant moment) const;
  /// In how many steps the channel came to another value or quality after the device was at that offset, up
  /// to that moment.
  std::size_t changes(device::ChannelIndex channel, std::uint64_t after, Instant upto) const;

  /// Whether the text on the wire tells that sample: its value, its quality, and when it was taken, if the
  /// device's clock was at one of `started_ms` when its monotonic time began.
  static bool tells(JsonView sample, const Taken& taken, std::span<const std::int64_t> started_ms,
                    std::int64_t slack_ms);
  static bool tells(JsonView value, std::string_view quality, JsonView at, const Taken& taken,
                    std::span<const std::int64_t> started_ms, std::int64_t slack_ms);
  /// Whether the text on the wire is that value; `was_read` as in the sample.
  static bool is_value(std::string_view raw, const device::Value& value, bool was_read);

 private:
  /// Something at an offset: an event, or the end of a step in which a channel changed.
  struct Event {
    std::uint64_t offset = 0;
    Instant at{};
  };

  Trace& trace_;
  const machine::Machine& machine_;
  std::uint64_t began_ = 0;
  device::ChannelSet lost_;
  std::uint64_t offset_ = 0;
  std::uint64_t presence_ = 0;  ///< how many have come and gone
  std::uint64_t lines_ = 0;     ///< the same of the log
  std::array<std::vector<Taken>, bench::kPaths.size()> taken_{};
  std::array<std::vector<Event>, bench::kPaths.size()> changes_{};
  std::array<std::uint64_t, bench::kPaths.size()> versions_{};
  std::vector<Event> events_;
};

}  // namespace signalbox::sim::storm
