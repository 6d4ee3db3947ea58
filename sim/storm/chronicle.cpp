#include "sim/storm/chronicle.hpp"

#include <algorithm>
#include <cstdlib>

namespace signalbox::sim::storm {

using device::ChannelIndex;

void Chronicle::begin() {
  const telemetry::History& history = machine_.history();
  for (ChannelIndex i = 0; i < bench::kChannels; ++i) {
    lost_.set(i, history.lost_until(i) > 0);
    for (std::size_t place = 0; place < history.of(i).size(); ++place) {
      const telemetry::History::Entry& entry = history.of(i)[place];
      taken_[i].push_back({entry.offset, entry.value, entry.quality, entry.taken_at, entry.was_read, true});
    }
  }
  began_ = history.restored_until();
  offset_ = machine_.values().offset();
  lines_ = machine_.news().lines().end();
}

void Chronicle::look(Instant now) {
  const std::uint64_t offset = machine_.values().offset();
  if (offset == offset_) return;
  std::array<std::uint64_t, 64> others{};
  std::size_t others_count = 0;
  const auto note = [&](std::uint64_t at) {
    if (others_count < others.size()) others[others_count++] = at;
  };
  for (ChannelIndex i = 0; i < bench::kChannels; ++i) {
    const device::Latest& latest = machine_.values().of(i);
    if (latest.offset <= offset_) continue;
    const Ring<telemetry::History::Entry>& entries = machine_.history().of(i);
    for (std::size_t place = machine_.history().first_after(i, offset_); place < entries.size(); ++place) {
      const telemetry::History::Entry& entry = entries[place];
      taken_[i].push_back({entry.offset, entry.value, entry.quality, entry.taken_at, entry.was_read});
      note(entry.offset);
    }
    if (taken_[i].empty() || taken_[i].back().offset != latest.offset)
      trace_.fail("%s: its history lacks the latest sample", bench::kPaths[i].data());
    if (latest.version != versions_[i]) changes_[i].push_back({offset, now});
    versions_[i] = latest.version;
  }
  // Who comes and goes is told to others than those who ask for events alone.
  const auto& presence = machine_.news().presence();
  for (presence_ = std::max(presence_, presence.oldest()); presence_ < presence.end(); ++presence_)
    note(presence.at(presence_).offset);
  const auto& lines = machine_.news().lines();
  if (lines_ < lines.oldest()) trace_.fail("lines of the log were overwritten unseen");
  for (; lines_ < lines.end(); ++lines_) note(lines.at(lines_).offset);
  std::sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(others_count));
  std::size_t next = 0;
  while (offset_ < offset) {
    ++offset_;
    if (next < others_count && others[next] == offset_)
      ++next;
    else
      events_.push_back({offset_, now});
  }
}

std::span<const Chronicle::Taken> Chronicle::samples(ChannelIndex channel, std::uint64_t after,
                                                     std::uint64_t upto) const {
  const std::vector<Taken>& all = taken_[channel];
  const auto above = [](std::uint64_t limit, const Taken& taken) { return limit < taken.offset; };
  const auto first = std::upper_bound(all.begin(), all.end(), after, above);
  const auto last = std::upper_bound(first, all.end(), std::max(after, upto), above);
  return {first, last};
}

std::size_t Chronicle::events_between(std::uint64_t after, std::uint64_t before) const {
  if (before <= after) return 0;
  const auto above = [](std::uint64_t limit, const Event& event) { return limit < event.offset; };
  const auto first = std::upper_bound(events_.begin(), events_.end(), after, above);
  const auto last = std::upper_bound(first, events_.end(), before - 1, above);
  return static_cast<std::size_t>(last - first);
}

std::uint64_t Chronicle::event_before(Instant moment) const {
  for (std::size_t i = events_.size(); i > 0; --i)
    if (events_[i - 1].at <= moment) return events_[i - 1].offset;
  return 0;
}

std::size_t Chronicle::changes(ChannelIndex channel, std::uint64_t after, Instant upto) const {
  const std::vector<Event>& all = changes_[channel];
  const auto first =
      std::upper_bound(all.begin(), all.end(), after,
                       [](std::uint64_t limit, const Event& change) { return limit < change.offset; });
  const auto last = std::upper_bound(first, all.end(), upto,
                                     [](Instant limit, const Event& change) { return limit < change.at; });
  return static_cast<std::size_t>(last - first);
}

bool Chronicle::is_value(std::string_view raw, const device::Value& value, bool was_read) {
  if (!was_read || raw == "null") return !was_read && raw == "null";
  if (const bool* boolean = std::get_if<bool>(&value)) return raw == (*boolean ? "true" : "false");
  return JsonView{raw}.number() == device::as_number(value);
}

bool Chronicle::tells(JsonView sample, const Taken& taken, std::span<const std::int64_t> started_ms,
                      std::int64_t slack_ms) {
  JsonView value;
  JsonView at;
  std::string_view quality;
  sample.each_member([&](std::string_view member, JsonView found) {
    if (member == "value") value = found;
    if (member == "quality") quality = found.plain();
    if (member == "at") at = found;
  });
  return tells(value, quality, at, taken, started_ms, slack_ms);
}

bool Chronicle::tells(JsonView value, std::string_view quality, JsonView at, const Taken& taken,
                      std::span<const std::int64_t> started_ms, std::int64_t slack_ms) {
  if (!is_value(value.raw(), taken.value, taken.was_read) || quality != device::wire_name(taken.quality))
    return false;
  if (!taken.was_read) return at.is_null();
  if (taken.is_past) return static_cast<std::int64_t>(at.number()) == to_ms(taken.at.time_since_epoch());
  const std::int64_t told_ms = static_cast<std::int64_t>(at.number()) - to_ms(taken.at.time_since_epoch());
  return std::any_of(started_ms.begin(), started_ms.end(),
                     [&](std::int64_t started) { return std::abs(told_ms - started) <= slack_ms; });
}

}  // namespace signalbox::sim::storm
