// What is told of samples and events, held against what was taken and what happened.
#include <algorithm>

#include "sim/storm/book.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;
using device::ChannelIndex;

constexpr Duration kTelemetrySlack = 2 * Witness::kLateMax + from_ms(150);

/// The same word where it may be kept; empty where there is no such quality.
std::string_view quality_word(std::string_view word) {
  using device::Quality;
  for (const Quality quality : {Quality::good, Quality::stale, Quality::fault, Quality::simulated})
    if (word == device::wire_name(quality)) return device::wire_name(quality);
  return "";
}

}  // namespace

/// A request that changes what is told has reached the device.
void Book::change_subscriptions(Asked& asked) {
  const bool resumes = asked.last_seen.has_value();
  bool crosses = false;
  bool changes = false;
  for (const Asked& other : asked_) {
    if (&other == &asked || !other.delivered) continue;
    const bool waits =
        other.kind == Kind::subscribe && !(other.answered && other.outcome.empty() == other.synced);
    if ((waits || (other.kind == Kind::unsubscribe && !other.answered)) && (resumes || other.last_seen))
      crosses = true;
    if (waits || (other.kind == Kind::unsubscribe && !other.answered)) changes = true;
    if (other.kind != Kind::subscribe || other.subscription != asked.subscription) continue;
    samples_.disturb(other.channels | asked.channels);
  }
  if (asked.kind == Kind::unsubscribe || !asked.expected.empty()) return;
  if (crosses) events_.lose_track();
  if (resumes) {
    const bool foreign = asked.last_seen->epoch != witness_.epoch;
    if (!foreign && asked.last_seen->offset > asked.offset_then) asked.expected = "outOfRange";
    comebacks_.try_emplace(place_of(asked), witness_.chronicle, asked.channels,
                           foreign ? 0 : std::max(asked.last_seen->offset, witness_.chronicle.began()),
                           asked.offset_then, foreign);
  }
  if (!asked.events || !asked.expected.empty()) return;
  const bool foreign = resumes && asked.last_seen->epoch != witness_.epoch;
  const std::uint64_t after = !resumes ? asked.offset_then : foreign ? 0 : asked.last_seen->offset;
  // Who is told events already goes on where it is.
  if (resumes || changes || !events_.is_on())
    events_.asked(place_of(asked), after, asked.offset_then, resumes);
}

/// It was answered.
void Book::settle_subscription(const Asked& asked, bool served) {
  if (asked.kind == Kind::unsubscribe) {
    if (served && eventful_.erase(asked.subscription) > 0 && eventful_.empty()) events_.ended();
    return;
  }
  if (asked.outcome == "superseded") {
    events_.lose_track();
    samples_.disturb(asked.channels);
  }
  if (asked.events) events_.answered(place_of(asked), served);
  if (!served) return;
  if (asked.events)
    eventful_.insert(asked.subscription);
  else if (eventful_.erase(asked.subscription) > 0 && eventful_.empty())
    events_.ended();
}

void Book::hear_subscribed(Asked& asked, JsonView payload, Instant now) {
  const Told told{payload};
  check_place(told);
  const JsonView recovered = told.recovered;
  if (recovered.exists() != asked.last_seen.has_value())
    fail("%s: recovered, but nobody asked", asked.id.c_str());
  if (asked.last_seen) complain(asked, comebacks_.at(place_of(asked)).ended(recovered));
  if (take_samples(told, false) != asked.channels) fail("%s: a snapshot of other channels", asked.id.c_str());
  const auto offset = static_cast<std::uint64_t>(told.offset);
  samples_.begin(asked.channels, asked.policy, asked.last_seen ? asked.offset_then : offset,
                 asked.delivered_at);
  subscriptions_[asked.subscription] = {asked.channels, asked.policy, place_of(asked), false, now, offset};
}

void Book::hear_missed(Asked& asked, JsonView payload) {
  const auto comeback = comebacks_.find(place_of(asked));
  if (comeback == comebacks_.end() || payload["id"].plain() != asked.subscription ||
      payload["epoch"].plain() != witness_.epoch)
    return fail("%s: missed, but nobody asked", asked.id.c_str());
  complain(asked, comeback->second.missed(payload, witness_.started_ms));
  asked.last_seen = {witness_.epoch, static_cast<std::uint64_t>(payload["offset"].number())};
}

void Book::hear_event(std::string_view type, JsonView payload) {
  const bool is_event = type == "event";
  const std::string wrong = is_event ? events_.event(payload) : events_.gap(payload);
  if (!wrong.empty()) fail("%s (at %s)", wrong.c_str(), std::string{payload.raw()}.c_str());
  const Told told{payload};
  if (is_event && told.offset > static_cast<double>(events_.away_until())) check_place(told);
  if (payload["epoch"].plain() != witness_.epoch) fail("heard of another epoch");
}

void Book::hear_synced(Asked& asked, JsonView payload, Instant now) {
  const Told told{payload};
  check_place(told);
  const auto found = subscriptions_.find(told.id);
  if (!asked.answered || asked.synced || found == subscriptions_.end() ||
      found->second.asked_by != place_of(asked))
    return fail("%s: synced must follow its snapshot, once", asked.id.c_str());
  asked.synced = true;
  found->second.synced = true;
  found->second.since = now;
  found->second.seen = static_cast<std::uint64_t>(told.offset);
}

void Book::check_place(const Told& told) {
  if (told.offset < offset_) fail("offset went back from %.0f to %.0f", offset_, told.offset);
  offset_ = told.offset;
  if (told.epoch != witness_.epoch) fail("heard of another epoch");
}

Book::Told::Told(JsonView payload) {
  payload.each_member([this](std::string_view member, JsonView value) {
    if (member == "id") id = value.plain();
    if (member == "epoch") epoch = value.plain();
    if (member == "offset") offset = value.number();
    if (member == "samples") samples = value;
    if (member == "folded") folded = value.number();
    if (member == "more") more = true;
    if (member == "recovered") recovered = value;
  });
}

device::ChannelSet Book::subscribed() const {
  device::ChannelSet all;
  for (const auto& [id, subscription] : subscriptions_)
    if (subscription.synced) all |= subscription.channels;
  return all;
}

void Book::hear_telemetry(JsonView payload) {
  const Told message{payload};
  check_place(message);
  const device::ChannelSet told = take_samples(message, true);
  const device::ChannelSet foreign = told & ~subscribed();
  if (told.none()) fail("telemetry without samples");
  for (auto& [id, subscription] : subscriptions_)
    if (!message.more && (subscription.channels & told).any())
      subscription.seen = static_cast<std::uint64_t>(message.offset);
  for (std::size_t i = 0; i < bench::kPaths.size(); ++i)
    if (foreign.test(i)) fail("telemetry of %s, which is not subscribed", bench::kPaths[i].data());
}

device::ChannelSet Book::take_samples(const Told& message, bool folds) {
  device::ChannelSet told;
  double folded = 0.0;
  message.samples.each([&](JsonView text) {
    const Sample sample{text};
    const ChannelIndex channel = bench::place_of(sample.channel);
    if (channel == device::kNoChannel) return fail("a sample of no channel");
    if (told.test(channel)) fail("%s twice in one message", bench::kPaths[channel].data());
    told.set(channel);
    folded += sample.count.number();
    if (folds) samples_.told(channel, sample.count.exists() ? sample.count.number() : 1.0);
    check_sample(channel, sample);
    // Whatever was folded, what is shown is the newest at that offset.
    const auto truth = witness_.chronicle.samples(channel, witness_.chronicle.began(),
                                                  static_cast<std::uint64_t>(message.offset));
    if (!truth.empty() &&
        !Chronicle::tells(sample.value, sample.quality, sample.at, truth.back(), witness_.started_ms, 1))
      fail("told what was not sampled: %.*s", static_cast<int>(text.raw().size()), text.raw().data());
    known_[channel] = {sample.value.raw(), quality_word(sample.quality)};
  });
  if (folded > 0.0 && !folds) fail("a snapshot with folds");
  if (message.folded != folded) fail("folded says %.0f, the samples %.0f", message.folded, folded);
  return told;
}

void Book::check_sample(ChannelIndex channel, const Sample& sample) const {
  const JsonView value = sample.value;
  const bool boolean = witness_.roster.channels()[channel].kind == device::ValueKind::boolean;
  const bool is_boolean = value.raw() == "true" || value.raw() == "false";
  const char* path = bench::kPaths[channel].data();
  if (!value.is_null() && (boolean != is_boolean || value.is_text()))
    fail("%s: a value of the wrong kind", path);
  if (value.is_null() && is_one_of(sample.quality, {"good", "simulated"}))
    fail("%s: good without a value", path);
  if (quality_word(sample.quality).empty()) fail("%s: no such quality", path);
  const double min = sample.min.number();
  const double max = sample.max.number();
  if (sample.min.exists() && (min > value.number() || max < value.number()))
    fail("%s: %g is not between %g and %g", path, value.number(), min, max);
}

Book::Sample::Sample(JsonView text) {
  text.each_member([this](std::string_view member, JsonView found) {
    if (member == "channel") channel = found.plain();
    if (member == "value") value = found;
    if (member == "quality") quality = found.plain();
    if (member == "at") at = found;
    if (member == "min") min = found;
    if (member == "max") max = found;
    if (member == "count") count = found;
  });
}

bool Book::is_changing(std::string_view id) const {
  return std::any_of(unsettled(), asked_.cend(), [id](const Asked& asked) {
    if (!asked.delivered || (!id.empty() && asked.subscription != id)) return false;
    if (asked.kind == Kind::unsubscribe) return !asked.answered;
    return asked.kind == Kind::subscribe && !(asked.answered && (asked.synced || !asked.outcome.empty()));
  });
}

void Book::check_tallies(Instant now) const {
  if (goodbye_ || witness_.holdings.is_claimed(session_)) return;
  // What was published by then left at once, and has been under way long enough.
  const Instant published = witness_.clock.at - latency_;
  const std::string uncounted = samples_.check(published, now);
  if (!uncounted.empty()) return fail("%s", uncounted.c_str());
  const std::string untold = events_.check_told(witness_.chronicle.event_before(published));
  if (!untold.empty()) fail("%s", untold.c_str());
}

void Book::check_current(Instant now) const {
  // Who is to leave is told answers, but no telemetry.
  if (!prompt_ || goodbye_ || witness_.stopping || witness_.holdings.is_claimed(session_)) return;
  if (is_changing({})) return;
  for (const auto& [id, subscription] : subscriptions_) {
    const RatePolicy& policy = subscription.policy;
    const bool fixed = policy.mode == RatePolicy::Mode::fixed;
    const Duration age = (fixed ? policy.period : policy.min_period) + latency_ + kTelemetrySlack;
    if (now - subscription.since < age) continue;
    for (ChannelIndex i = 0; i < bench::kChannels; ++i) {
      if (!subscription.channels.test(i) || now - witness_.changed_at(i) < age) continue;
      if (policy.deadband > 0.0 && witness_.roster.channels()[i].kind == device::ValueKind::number) continue;
      const device::Latest& latest = witness_.values.of(i);
      const Known& known = known_[i];
      if (!Chronicle::is_value(known.value, latest.sample.value, latest.was_read) ||
          known.quality != device::wire_name(latest.sample.quality)) {
        return fail("still takes %s for %s (%s), which changed at %.6f s", bench::kPaths[i].data(),
                    known.value.empty() ? "nothing" : known.value.c_str(), known.quality.data(),
                    std::chrono::duration<double>(witness_.changed_at(i).time_since_epoch()).count());
      }
    }
  }
}

}  // namespace signalbox::sim::storm
