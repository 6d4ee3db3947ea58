#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "telemetry/history_log.hpp"
#include "telemetry/restoration.hpp"

namespace signalbox::telemetry {

/// One run of a device that keeps its history in a log: it reads what is there, samples, and writes.
class HistoryRun {
 public:
  enum Place : device::ChannelIndex { number, boolean, text, label };
  static constexpr std::int64_t kClock_ms = 1'763'683'200'000;
  static constexpr Duration kEvery = from_ms(60'000);

  struct Setup {
    std::size_t places = 64;  ///< of each ring
    std::int64_t clock_ms = kClock_ms;
    Duration every = kEvery;
    std::int64_t earliest_ms = 1'700'000'000'000;
    std::string number_path = "cabin/temperature";
  };

  HistoryRun(hal::AppendLog& log, const Setup& setup) : setup_{setup}, entries_(4 * setup.places) {
    constexpr std::array kKinds{device::ValueKind::number, device::ValueKind::boolean,
                                device::ValueKind::text, device::ValueKind::enumeration};
    const std::array<std::string, 4> paths{setup.number_path, "cabin/door", "yard/station", "cabin/mode"};
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      device::Channel& channel = *roster.add_channel();
      channel.path = std::string_view{paths[i]};
      channel.kind = kKinds[i];
    }
    channels_[label].labels = {"low", "high"};
    channels_[label].labels_count = 2;
    history = std::make_unique<History>(History::Memory{tracks_, entries_});
    log_of = std::make_unique<HistoryLog>(HistoryLog::Memory{piece_, wanted_},
                                          HistoryLog::From{roster, values, *history});
    found = Restoration{log, piece_, {roster, values, *history}, {setup.earliest_ms}}(now);
    if (found) log_of->open(log, found->last_run + 1, setup.every, now);
    next_ = now;
  }
  explicit HistoryRun(hal::AppendLog& log) : HistoryRun{log, Setup{}} {}

  void put(device::ChannelIndex channel, const device::Value& value,
           device::Quality quality = device::Quality::good) {
    values.put(channel, {value, quality, now});
    history->put(channel, values.of(channel));
  }
  WallClock clock() const { return {now, {setup_.clock_ms + to_ms(now.time_since_epoch())}}; }
  /// The clock is set: at the zero of the monotonic clock it was this.
  void set_clock(std::int64_t clock_ms) { setup_.clock_ms = clock_ms; }
  /// Lets time pass, stepping when something is due.
  void pass(Duration time) {
    const Instant until = now + time;
    for (int steps = 0; next_ <= until; ++steps) {
      SIGNALBOX_CHECK(steps < 100'000);  // it does not come to rest
      now = std::max(now, next_);
      next_ = log_of->step(now, clock());
    }
    now = until;
  }
  void end() {
    log_of->close(now);
    next_ = now;
    pass(from_ms(100));
  }
  /// A channel's ring, oldest first, with what the wall clock says.
  std::vector<std::string> told(device::ChannelIndex channel) const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < history->of(channel).size(); ++i) {
      const History::Entry& entry = history->of(channel)[i];
      lines.push_back(shown(entry) + ' ' + std::string{wire_name(entry.quality)} + ' ' +
                      std::to_string(label_of(entry) - kClock_ms));
    }
    return lines;
  }
  std::int64_t label_of(const History::Entry& entry) const { return history->label(entry, clock()).unix_ms; }
  /// Whether nothing of that channel is missing that was taken at that time or later.
  bool is_complete(device::ChannelIndex channel, std::int64_t from_ms) const {
    return !history->has_lost(channel, 0, {kClock_ms + from_ms}, clock());
  }

 private:
  static std::string shown(const History::Entry& entry) {
    if (!entry.was_read) return "nothing";
    if (const auto* value = std::get_if<device::Text>(&entry.value)) return std::string{value->view()};
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.17g", device::as_number(entry.value));
    return digits.data();
  }

  Setup setup_;
  std::array<device::Channel, 4> channels_{};
  std::array<device::Part, 1> parts_{};
  std::array<device::Latest, 4> latest_{};
  std::array<History::Track, 4> tracks_{};
  std::vector<History::Entry> entries_;
  std::array<char, hal::AppendLog::kPieceBytesMax> piece_{};
  std::array<std::uint32_t, 4> wanted_{};
  Instant next_{};

 public:
  Instant now{from_ms(5000)};
  device::Roster roster{channels_, parts_};
  device::Values values{latest_};
  std::unique_ptr<History> history;
  std::unique_ptr<HistoryLog> log_of;
  Result<Restoration::Found> found{Restoration::Found{}};
};

}  // namespace signalbox::telemetry
