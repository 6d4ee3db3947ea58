#include "telemetry/history.hpp"

namespace signalbox::telemetry {

History::History(const Memory& memory) : tracks_{memory.tracks} {
  const std::size_t each = tracks_.empty() ? 0 : memory.entries.size() / tracks_.size();
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    tracks_[i] = Track{.entries = Ring<Entry>{memory.entries.subspan(i * each, each)}};
}

void History::put(device::ChannelIndex channel, const device::Latest& latest) {
  push(channel, {.value = latest.sample.value,
                 .taken_at = latest.sample.taken_at,
                 .offset = latest.offset,
                 .quality = latest.sample.quality,
                 .was_read = latest.was_read});
}

void History::push(device::ChannelIndex channel, const Entry& entry) {
  SIGNALBOX_CHECK(channel < tracks_.size());
  Ring<Entry>& entries = tracks_[channel].entries;
  if (entries.capacity() == 0) return lose(channel, entry);
  if (entries.full()) {
    lose(channel, entries.front());
    entries.pop();
  }
  entries.push(entry);
}

void History::restore(device::ChannelIndex channel, const Entry& entry) {
  SIGNALBOX_CHECK(channel < tracks_.size() && entry.offset > restored_until_);
  Ring<Entry>& entries = tracks_[channel].entries;
  while (!entries.empty() && entries[entries.size() - 1].taken_at > entry.taken_at) {
    lose_past(channel, entries[entries.size() - 1].offset, entry.taken_at);
    entries.drop_newest();
  }
  restored_until_ = entry.offset;
  push(channel, entry);
}

void History::lose(device::ChannelIndex channel, const Entry& entry) {
  if (entry.offset > restored_until_)
    lose(channel, entry.offset, entry.taken_at);
  else
    lose_past(channel, entry.offset, entry.taken_at);
}

void History::lose(device::ChannelIndex channel, std::uint64_t offset, Instant at) {
  SIGNALBOX_CHECK(channel < tracks_.size());
  tracks_[channel].lost = {offset, at};
}

/// Wall time may go back from run to run.
void History::lose_past(device::ChannelIndex channel, std::uint64_t offset, Instant at) {
  SIGNALBOX_CHECK(channel < tracks_.size());
  Loss& lost = tracks_[channel].past_lost;
  lost = {std::max(lost.until, offset), std::max(lost.at, at)};
}

bool History::has_lost(device::ChannelIndex channel, std::uint64_t after, WallTime from,
                       const WallClock& clock) const {
  const Loss& lost = track(channel).lost;
  const Loss& past = track(channel).past_lost;
  return (lost.until > after && clock.label(lost.at).unix_ms >= from.unix_ms) ||
         (past.until > after && to_ms(past.at.time_since_epoch()) >= from.unix_ms);
}

std::size_t History::first_after(device::ChannelIndex channel, std::uint64_t offset) const {
  const Ring<Entry>& entries = of(channel);
  return first_place(entries.size(), [&](std::size_t place) { return entries[place].offset > offset; });
}

HistoryWalk::HistoryWalk(const History& history, const device::ChannelSet& channels, std::uint64_t after)
    : history_{history} {
  for (device::ChannelIndex i = 0; i < history.channels(); ++i)
    places_[i] =
        static_cast<std::uint32_t>(channels.test(i) ? history.first_after(i, after) : history.of(i).size());
}

HistoryWalk::Step HistoryWalk::next() {
  Step next;
  for (device::ChannelIndex i = 0; i < history_.channels(); ++i) {
    const Ring<History::Entry>& entries = history_.of(i);
    if (places_[i] == entries.size()) continue;
    const History::Entry& entry = entries[places_[i]];
    if (next.entry == nullptr || entry.offset < next.entry->offset) next = {i, &entry};
  }
  if (next.entry != nullptr) ++places_[next.channel];
  return next;
}

}  // namespace signalbox::telemetry
