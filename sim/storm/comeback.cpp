#include "sim/storm/comeback.hpp"

#include <algorithm>
#include <array>

namespace signalbox::sim::storm {

using device::ChannelIndex;

bool Comeback::is_lost(ChannelIndex channel, std::uint64_t offset) const {
  return std::any_of(gaps_.begin(), gaps_.end(), [&](const Gap& gap) {
    return gap.channel == channel && gap.from <= offset && offset <= gap.to;
  });
}

std::string Comeback::take_gap(JsonView gap) {
  const ChannelIndex channel = bench::place_of(gap["channel"].plain());
  if (channel == device::kNoChannel || !channels_.test(channel)) return "a gap of another channel";
  const JsonView from = gap["from"];
  const JsonView to = gap["to"];
  if (foreign_) {
    gaps_.push_back({channel, 0, until_});
    return from.is_null() && to.is_null() ? "" : "a gap with offsets of another epoch";
  }
  const Gap told{channel, static_cast<std::uint64_t>(from.number()), static_cast<std::uint64_t>(to.number())};
  gaps_.push_back(told);
  if (told.from > told.to || told.from <= told_ || told.to > until_)
    return "a gap outside of what was missed";
  return {};
}

std::string Comeback::missed(JsonView payload, std::span<const std::int64_t> started_ms) {
  std::uint64_t offset = 0;
  std::string wrong;
  JsonView samples;
  payload.each_member([&](std::string_view member, JsonView value) {
    if (member == "offset") offset = static_cast<std::uint64_t>(value.number());
    if (member == "samples") samples = value;
    if (member == "gaps") {
      value.each([&](JsonView gap) {
        const std::string complaint = take_gap(gap);
        if (wrong.empty()) wrong = complaint;
      });
    }
  });
  if (!wrong.empty()) return wrong;
  if (offset < told_ || offset > until_) return "missed goes to an offset that was not missed";
  std::array<std::uint64_t, bench::kPaths.size()> reached{};
  reached.fill(told_);
  std::uint64_t last = told_;
  const auto skipped = [&](ChannelIndex channel, std::uint64_t before) {
    for (const Chronicle::Taken& taken : chronicle_.samples(channel, reached[channel], before - 1))
      if (!is_lost(channel, taken.offset)) wrong = "a sample is neither told nor in a gap";
  };
  samples.each([&](JsonView sample) {
    if (!wrong.empty()) return;
    const ChannelIndex channel = bench::place_of(sample["channel"].plain());
    const auto at = static_cast<std::uint64_t>(sample["offset"].number());
    if (channel == device::kNoChannel || !channels_.test(channel) || foreign_)
      wrong = "a sample that cannot have been missed";
    else if (at <= last || at > offset)
      wrong = "samples out of order";
    else if (is_lost(channel, at))
      wrong = "a sample is told although it was told to be lost";
    if (!wrong.empty()) return;
    const auto truth = chronicle_.samples(channel, at - 1, at);
    if (truth.empty() || !Chronicle::tells(sample, truth.front(), started_ms, 1)) {
      wrong = "told as missed what was never sampled: ";
      wrong += sample.raw();
      return;
    }
    skipped(channel, at);
    reached[channel] = last = at;
  });
  for (ChannelIndex i = 0; i < bench::kChannels && wrong.empty(); ++i)
    if (channels_.test(i) && !foreign_) skipped(i, offset + 1);
  told_ = offset;
  return wrong;
}

std::string Comeback::ended(JsonView recovered) const {
  if (recovered.raw() != (gaps_.empty() ? "true" : "false")) return "recovered does not say what was told";
  for (ChannelIndex i = 0; i < bench::kChannels; ++i) {
    if (!channels_.test(i)) continue;
    if (foreign_) {
      if (!is_lost(i, until_)) return "an unknown past is not told to be lost";
      continue;
    }
    for (const Chronicle::Taken& taken : chronicle_.samples(i, told_, until_))
      if (!is_lost(i, taken.offset)) return "the end of what was missed is neither told nor in a gap";
  }
  return {};
}

}  // namespace signalbox::sim::storm
