#include "control/interlock.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::control {
namespace {

std::uint32_t ms_until(Instant when, Instant now) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, to_ms(when - now + from_ms(1) - Duration{1})));
}

/// The time an output must stay where it is has not passed.
std::optional<Error> too_soon(const char* words, Instant until, Instant now) {
  if (now >= until) return std::nullopt;
  return Error{Reason::interlocked, words, {}, ms_until(until, now)};
}

}  // namespace

FixedText<95> words_of(const device::Condition& condition, const device::Channel& watched) {
  const char* path = watched.path.c_str();
  if (condition.test == device::Condition::Test::below)
    return format_text<95>("%s must be below %.10g", path, condition.limit);
  if (condition.test == device::Condition::Test::above)
    return format_text<95>("%s must be above %.10g", path, condition.limit);
  if (const bool* on = std::get_if<bool>(&condition.value))
    return format_text<95>("%s must be %s", path, *on ? "true" : "false");
  if (const double* number = std::get_if<double>(&condition.value))
    return format_text<95>("%s must be %.10g", path, *number);
  if (const device::Text* text = std::get_if<device::Text>(&condition.value))
    return format_text<95>("%s must be %s", path, text->c_str());
  return format_text<95>("%s must be %s", path,
                         watched.labels[std::get<device::EnumIndex>(condition.value).index].c_str());
}

bool Interlock::holds(const device::Condition& condition, std::span<const Planned> all) const {
  if (!condition.holds(outputs_.latest(condition.channel).sample)) return false;
  if (!outputs_.has(condition.channel)) return true;
  // Another output counts with what it reads and with what it was told, or is about to be; in doubt it
  // fulfils nothing.
  for (const Planned& planned : all)
    if (planned.channel == condition.channel) return condition.holds(planned.value);
  const Holding& held = outputs_.state(condition.channel).now;
  return held.is_certain && condition.holds(held.value);
}

const device::Condition* Interlock::broken(device::ChannelIndex channel, std::span<const Planned> all) const {
  for (const device::Condition& condition : outputs_.rules(channel).conditions())
    if (!holds(condition, all)) return &condition;
  return nullptr;
}

bool Interlock::is_settled(std::span<const Planned> all, Instant now) const {
  for (const Planned& planned : all) {
    if (planned.value == outputs_.rules(planned.channel).safe) continue;
    for (const device::ChannelIndex other : outputs_.all())
      if (binds(planned.channel, other) && !outputs_.is_settled(other, now)) return false;
  }
  return true;
}

/// Whether one of these outputs has a condition on the other.
bool Interlock::binds(device::ChannelIndex one, device::ChannelIndex other) const {
  const auto has_on = [this](device::ChannelIndex whose, device::ChannelIndex watched) {
    const auto all = outputs_.rules(whose).conditions();
    return std::any_of(all.begin(), all.end(),
                       [watched](const device::Condition& each) { return each.channel == watched; });
  };
  return has_on(one, other) || has_on(other, one);
}

const device::Condition* Interlock::against(const Planned& planned, device::ChannelIndex other) const {
  if (other == planned.channel) return nullptr;
  for (const device::Condition& condition : outputs_.rules(other).conditions())
    if (condition.channel == planned.channel && !condition.holds(planned.value)) return &condition;
  return nullptr;
}

/// Whether an output that may be away from its safe value needs the planned one to be otherwise.
std::optional<Error> Interlock::breaks(const Planned& planned) const {
  for (const device::ChannelIndex whose : outputs_.all()) {
    const device::Condition* condition = against(planned, whose);
    if (condition == nullptr || (outputs_.is_safe(whose) && outputs_.reads_safe(whose))) continue;
    return Error{
        Reason::interlocked,
        format_text<223>("%s %s its safe value, and for that %s", outputs_.channel(whose).path.c_str(),
                         outputs_.is_safe(whose) ? "does not read" : "is away from",
                         words_of(*condition, outputs_.channel(planned.channel)).c_str())};
  }
  return std::nullopt;
}

std::optional<Error> Interlock::forbids(const Planned& planned, std::span<const Planned> all,
                                        Instant now) const {
  const device::OutputRules& rules = outputs_.rules(planned.channel);
  const OutputState& output = outputs_.state(planned.channel);
  const bool to_safe = planned.value == rules.safe;
  if (!to_safe) {
    const device::Condition* condition = broken(planned.channel, all);
    if (condition != nullptr)
      return Error{Reason::interlocked, words_of(*condition, outputs_.channel(condition->channel))};
    if (auto error = breaks(planned)) return error;
  }
  if (to_safe != outputs_.is_safe(planned.channel)) {
    const Duration least = to_safe ? rules.on_at_least : rules.off_at_least;
    if (least > Duration{0}) {
      const char* words = to_safe ? "it must stay on for a while" : "it must stay off for a while";
      if (auto error = too_soon(words, output.now.switched_at + least, now)) return error;
    }
  }
  if (rules.change_per_second > 0.0) {
    const double change = std::abs(device::as_number(planned.value) - device::as_number(output.now.value));
    const auto takes = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>{std::min(change / rules.change_per_second, 86'400.0)});
    return too_soon("it may not change that fast", std::max(output.moved_at, output.now.switched_at) + takes,
                    now);
  }
  return std::nullopt;
}

}  // namespace signalbox::control
