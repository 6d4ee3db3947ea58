#include "device/roster_change.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::device {
namespace {

/// Whether what was stored of one goes on to mean the same under the other.
bool means_the_same(const Channel& a, const Channel& b) {
  return a.kind == b.kind && a.unit == b.unit && a.labels == b.labels && a.labels_count == b.labels_count;
}

bool calibrates_the_same(const Channel& a, const Channel& b) {
  return a.scale == b.scale && a.offset == b.offset;
}

/// A channel that is declared no more. What it was called, and what its values meant, can still be told.
Channel tombstone(const Channel& channel) {
  Channel gone = channel;
  gone.gone = true;
  gone.part = gone.port = 0;
  gone.output.reset();
  gone.declared_alarms = {};
  gone.alarms_count = 0;
  return gone;
}

/// Gives those that have no place yet the places that are left, in order: what was a list of places becomes a
/// permutation.
template <typename Places>
void fill_up(Places& places, std::size_t placed, std::size_t count) {
  std::bitset<256> taken;
  for (std::size_t i = 0; i < placed; ++i) taken.set(places[i]);
  std::size_t place = 0;
  for (std::size_t i = placed; i < count; ++i) {
    while (taken.test(place)) ++place;
    places[i] = static_cast<typename Places::value_type>(place++);
  }
}

/// Brings everything to its place.
template <typename Places, typename Swap>
void permute(Places& places, std::size_t count, Swap&& swap) {
  for (std::size_t i = 0; i < count; ++i) {
    while (places[i] != i) {
      const std::size_t place = places[i];
      swap(i, place);
      std::swap(places[i], places[place]);
    }
  }
}

void swap_declared(Part& a, Part& b) {
  std::swap(static_cast<DeclaredPart&>(a), static_cast<DeclaredPart&>(b));
}

}  // namespace

Result<RosterChange> RosterChange::prepare(Roster& live, Roster& next) {
  RosterChange change{live, next};
  const Result<void> placed = change.place_channels();
  if (!placed) return placed.error();
  change.place_batons();
  change.place_parts();
  change.refer_to_places();
  change.move_to_places();
  change.bury_the_gone();
  change.compare();
  return change;
}

ChannelIndex RosterChange::kept_place(const Channel& declared) const {
  const ChannelIndex known = live_->find(declared.path);
  if (known == kNoChannel || !means_the_same(live_->channels()[known], declared)) return kNoChannel;
  return known;
}

Result<void> RosterChange::place_channels() {
  const std::span<const Channel> declared = next_->channels();
  channels_ = live_->channels().size();
  std::size_t missing = 0;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const ChannelIndex kept = kept_place(declared[i]);
    if (kept == kNoChannel && channels_ == live_->channels_max())
      ++missing;
    else
      channel_places_[i] = kept != kNoChannel ? kept : static_cast<ChannelIndex>(channels_++);
  }
  if (missing == 0) return {};
  return Error{Reason::too_big,
               format_text<223>("channels that are new need places of their own until the device restarts: "
                                "%zu more than the %zu there are; restart it",
                                missing, live_->channels_max())};
}

void RosterChange::place_batons() {
  const std::span<const FixedText<31>> declared = next_->batons();
  std::bitset<kBatonsMax> taken;
  baton_places_.fill(kNoBaton);
  for (std::size_t i = 0; i < declared.size(); ++i) {
    baton_places_[i] = live_->find_baton(declared[i]);
    if (baton_places_[i] != kNoBaton) taken.set(baton_places_[i]);
  }
  batons_count_ = live_->batons().size();
  BatonIndex free = 0;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (baton_places_[i] != kNoBaton) continue;
    while (taken.test(free)) ++free;
    baton_places_[i] = free;
    taken.set(free);
    batons_count_ = std::max<std::size_t>(batons_count_, free + 1U);
  }
}

/// Whether the part is the same as one that runs: of its kind, with its settings, on its channels.
bool RosterChange::stays(const Part& part, std::uint16_t& place) const {
  const auto first = std::find_if(part.channels.begin(), part.channels.end(),
                                  [](ChannelIndex channel) { return channel != kNoChannel; });
  if (first == part.channels.end() || *first >= live_->channels().size()) return false;
  place = live_->channels()[*first].part;
  const Part& running = live_->parts()[place];
  return running.kind == part.kind && running.settings == part.settings && running.channels == part.channels;
}

void RosterChange::place_parts() {
  const std::span<Part> declared = next_->parts();
  parts_ = live_->parts().size();
  PartSet placed;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    for (ChannelIndex& channel : declared[i].channels)
      if (channel != kNoChannel) channel = channel_places_[channel];
    if (!stays(declared[i], part_places_[i])) continue;
    placed.set(i);
    staying_.set(part_places_[i]);
  }
  PartSet taken = staying_;
  std::uint16_t free = 0;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (placed.test(i)) continue;
    while (taken.test(free)) ++free;
    part_places_[i] = free;
    taken.set(free);
    arriving_.set(free);
    parts_ = std::max<std::size_t>(parts_, free + 1U);
  }
  for (std::size_t i = 0; i < live_->parts().size(); ++i)
    if (live_->parts()[i].kind != nullptr && !staying_.test(i)) leaving_.set(i);
}

void RosterChange::refer_to_places() {
  const auto settle = [this](Condition& condition) {
    condition.channel = channel_places_[condition.channel];
  };
  if (next_->stop_input) settle(*next_->stop_input);
  for (Channel& channel : next_->channels()) {
    channel.part = static_cast<std::uint8_t>(part_places_[channel.part]);
    for (std::size_t i = 0; i < channel.alarms_count; ++i) settle(channel.declared_alarms[i].condition);
    if (!channel.output) continue;
    OutputRules& rules = *channel.output;
    for (std::size_t i = 0; i < rules.interlocks_count; ++i) settle(rules.interlocks[i]);
    if (rules.local_override) settle(rules.local_override->when);
    if (rules.feedback) rules.feedback->channel = channel_places_[rules.feedback->channel];
    if (rules.baton != kNoBaton) rules.baton = baton_places_[rules.baton];
  }
}

void RosterChange::move_to_places() {
  const std::span<Channel> channels = next_->channel_slots();
  const std::span<Part> parts = next_->part_slots();
  const std::span<FixedText<31>> batons = next_->baton_slots();
  const std::size_t declared_channels = next_->channels().size();
  const std::size_t declared_parts = next_->parts().size();
  const std::size_t declared_batons = next_->batons().size();
  std::fill(channels.begin() + static_cast<std::ptrdiff_t>(declared_channels), channels.end(), Channel{});
  for (std::size_t i = declared_parts; i < parts.size(); ++i)
    static_cast<DeclaredPart&>(parts[i]) = DeclaredPart{};
  fill_up(channel_places_, declared_channels, channels.size());
  fill_up(part_places_, declared_parts, parts.size());
  fill_up(baton_places_, declared_batons, batons.size());
  permute(channel_places_, channels.size(),
          [&](std::size_t a, std::size_t b) { std::swap(channels[a], channels[b]); });
  permute(part_places_, parts.size(),
          [&](std::size_t a, std::size_t b) { swap_declared(parts[a], parts[b]); });
  permute(baton_places_, batons.size(),
          [&](std::size_t a, std::size_t b) { std::swap(batons[a], batons[b]); });
  next_->resize(channels_, parts_, batons_count_);
}

void RosterChange::bury_the_gone() {
  for (std::size_t i = 0; i < live_->channels().size(); ++i)
    if (next_->channels()[i].path.empty()) next_->channels()[i] = tombstone(live_->channels()[i]);
}

void RosterChange::compare() {
  for (std::size_t i = 0; i < kBatonsMax; ++i)
    if (!(live_->baton_slots()[i] == next_->baton_slots()[i])) batons_.set(i);
  for (std::size_t i = 0; i < channels_; ++i) compare(static_cast<ChannelIndex>(i));
}

void RosterChange::compare(ChannelIndex index) {
  const Channel& after = next_->channels()[index];
  if (index >= live_->channels().size()) {
    redeclared_.set(index);
    unread_.set(index);
    return;
  }
  const Channel& before = live_->channels()[index];
  // Another baton may have the place of the one before.
  const bool other_baton =
      before.is_output() && before.output->baton != kNoBaton && batons_.test(before.output->baton);
  if (before == after && !other_baton) {
    // Only a part that changed is left to tell.
    if (before.gone || staying_.test(before.part)) return;
  } else {
    redeclared_.set(index);
  }
  const bool other_part = after.gone || !staying_.test(after.part);
  if (other_part || !calibrates_the_same(before, after)) unread_.set(index);
  if (before.is_output() &&
      (other_part || other_baton || before.output != after.output || before.min != after.min ||
       before.max != after.max || !calibrates_the_same(before, after)))
    unsettled_.set(index);
}

void RosterChange::exchange() {
  std::swap(live_->id, next_->id);
  std::swap(live_->title, next_->title);
  std::swap(live_->stop_input, next_->stop_input);
  std::swap_ranges(live_->baton_slots().begin(), live_->baton_slots().end(), next_->baton_slots().begin());
  for (std::size_t i = 0; i < channels_; ++i)
    if (redeclared_.test(i)) std::swap(live_->channel_slots()[i], next_->channel_slots()[i]);
  for (std::size_t i = 0; i < parts_; ++i) swap_declared(live_->part_slots()[i], next_->part_slots()[i]);
  const std::size_t channels = live_->channels().size();
  const std::size_t parts = live_->parts().size();
  const std::size_t batons = live_->batons().size();
  live_->resize(next_->channels().size(), next_->parts().size(), next_->batons().size());
  next_->resize(channels, parts, batons);
}

}  // namespace signalbox::device
