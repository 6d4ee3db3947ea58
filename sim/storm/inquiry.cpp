#include "sim/storm/inquiry.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::sim::storm {

using device::ChannelIndex;
using Taken = Chronicle::Taken;

std::string Inquiry::page(JsonView payload) {
  cursor_.clear();
  if (!started_ms_) return "a page that nobody asked for";
  std::uint64_t offset = 0;
  std::optional<ChannelIndex> last;
  std::string wrong;
  payload.each_member([&](std::string_view member, JsonView value) {
    if (member == "offset") offset = static_cast<std::uint64_t>(value.number());
    if (member == "cursor") cursor_ = value.plain();
    if (member != "series") return;
    value.each([&](JsonView series) {
      if (!wrong.empty()) return;
      const ChannelIndex channel = bench::place_of(series["channel"].plain());
      if (channel == device::kNoChannel || !question_.channels.test(channel) || (last && channel <= *last)) {
        wrong = "a series that does not belong here";
        return;
      }
      // What the last page ended with was through if this one does not go on with it.
      const std::optional<ChannelIndex> before = last ? last : open_;
      if (before && *before != channel) wrong = finish(*before, last ? offset : offset_);
      last = channel;
      if (wrong.empty()) wrong = take_series(channel, series);
    });
  });
  open_ = last ? last : open_;
  offset_ = offset;
  if (!wrong.empty() || !cursor_.empty()) return wrong;
  if (open_) wrong = finish(*open_, offset);
  for (ChannelIndex i = 0; i < bench::kChannels && wrong.empty(); ++i)
    if (question_.channels.test(i) && !series_[i].is_told) wrong = "a channel was left out";
  return wrong;
}

std::string Inquiry::take_series(ChannelIndex channel, JsonView told) {
  Series& series = series_[channel];
  series.is_told = true;
  const JsonView complete = told["complete"];
  if (complete.raw() == "false") {
    const auto all = chronicle_.samples(channel, series.after, ~std::uint64_t{0});
    if (!chronicle_.has_lost(channel) &&
        std::none_of(all.begin(), all.end(), [&](const Taken& t) { return label(t) >= question_.from_ms; }))
      return "something is told to be lost where nothing was";
    series.is_complete = false;
    series.is_unread = true;
  }
  if (question_.step_ms > 0) return take_steps(channel, told["steps"]);
  return take_samples(channel, told["samples"], complete.raw() == "true");
}

std::string Inquiry::take_samples(ChannelIndex channel, JsonView samples, bool complete) {
  Series& series = series_[channel];
  bool is_first = true;
  std::string wrong;
  samples.each([&](JsonView sample) {
    if (!wrong.empty()) return;
    const auto at = static_cast<std::uint64_t>(sample["offset"].number());
    const auto truth = chronicle_.samples(channel, at - 1, at);
    if (at <= series.after)
      wrong = "a sample is told twice";
    else if (truth.empty() || !is_asked(truth.front()) ||
             !Chronicle::tells(sample, truth.front(), {&*started_ms_, 1}, 0))
      wrong = "history tells what was never sampled, or not then";
    if (!wrong.empty()) return;
    const auto skipped = chronicle_.samples(channel, series.after, at - 1);
    const bool may_skip = is_first && !complete;
    if (!may_skip && std::any_of(skipped.begin(), skipped.end(), [&](const Taken& t) { return is_asked(t); }))
      wrong = "a sample was left out";
    is_first = false;
    series.is_unread = false;
    series.after = at;
  });
  return wrong;
}

std::string Inquiry::take_steps(ChannelIndex channel, JsonView steps) {
  std::map<std::int64_t, Step>& all = series_[channel].steps;
  std::string wrong;
  steps.each([&](JsonView told) {
    const auto since = static_cast<std::int64_t>(told["at"].number()) - question_.from_ms;
    if (since < 0 || since % question_.step_ms != 0) wrong = "a step that begins in between";
    const Step step{told["min"].number(), told["max"].number(), told["mean"].number(),
                    static_cast<std::uint64_t>(told["count"].number())};
    Step& sum = all[since / question_.step_ms];
    sum.min = sum.count == 0 ? step.min : std::min(sum.min, step.min);
    sum.max = sum.count == 0 ? step.max : std::max(sum.max, step.max);
    sum.sum += step.sum * static_cast<double>(step.count);
    sum.count += step.count;
  });
  return wrong;
}

std::string Inquiry::finish(ChannelIndex channel, std::uint64_t offset) {
  const Series& series = series_[channel];
  if (question_.step_ms > 0) return check_steps(channel, offset);
  // Where the oldest are lost and none was told, nobody knows where the rest begins.
  if (series.is_unread && !series.is_complete) return {};
  const auto rest = chronicle_.samples(channel, series.after, offset);
  if (std::any_of(rest.begin(), rest.end(), [&](const Taken& taken) { return is_asked(taken); }))
    return "the newest samples were left out";
  return {};
}

std::string Inquiry::check_steps(ChannelIndex channel, std::uint64_t offset) const {
  const Series& series = series_[channel];
  std::map<std::int64_t, Step> truth;
  for (const Taken& taken : chronicle_.samples(channel, 0, offset)) {
    if (!is_asked(taken) || !taken.was_read || !device::is_usable(taken.quality)) continue;
    Step& step = truth[(label(taken) - question_.from_ms) / question_.step_ms];
    const double number = device::as_number(taken.value);
    step.min = step.count == 0 ? number : std::min(step.min, number);
    step.max = step.count == 0 ? number : std::max(step.max, number);
    step.sum += number;
    ++step.count;
  }
  const bool numbers = channel == bench::kTemperature || channel == bench::kFan || channel == bench::kTank ||
                       channel == bench::kUptime;
  for (const auto& [number, told] : series.steps) {
    const Step& step = truth[number];
    if (told.count > step.count || told.count == 0) return "a step counts readings that were never taken";
    if (!series.is_complete) continue;
    if (told.count < step.count) return "a step leaves out readings";
    const bool agrees = told.min == step.min && told.max == step.max &&
                        std::abs(told.sum - step.sum) <= 1e-6 * (1.0 + std::abs(step.sum));
    if (numbers && !agrees) return "a step does not come to what was read";
  }
  if (series.is_complete && truth.size() != series.steps.size()) return "a step was left out";
  return {};
}

}  // namespace signalbox::sim::storm
