// What the answers say: payloads held against what was asked and what is.
#include <algorithm>
#include <cmath>

#include "sim/storm/book.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;
using device::ChannelIndex;

constexpr Duration kTelemetrySlack = 2 * Witness::kLateMax + from_ms(150);

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

ChannelIndex place_of(std::string_view path) {
  const auto found = std::find(bench::kPaths.begin(), bench::kPaths.end(), path);
  return found == bench::kPaths.end() ? device::kNoChannel
                                      : static_cast<ChannelIndex>(found - bench::kPaths.begin());
}

/// Whether the text on the wire is that value.
bool is_value(std::string_view raw, const device::Latest& latest) {
  if (raw == "null") return !latest.was_read;
  if (const bool* boolean = std::get_if<bool>(&latest.sample.value))
    return raw == (*boolean ? "true" : "false");
  return JsonView{raw}.number() == device::as_number(latest.sample.value);
}

}  // namespace

/// Refusals that only the device can know the reason of; the outputs show whether it was right.
bool Book::is_excused(const Asked& asked, std::string_view reason) const {
  if (asked.kind == Kind::repeat) return true;  // held against the first answer
  if (asked.kind != Kind::command) return false;
  // Where its answer is kept is looked for before anything else; a lease it lacks is told before its time.
  if (!asked.text.empty() && reason == "busy") return true;
  const bool good = asked.expected.empty() || asked.expected == "expired";
  return witness_.guarded && good && is_one_of(reason, {"held", "interlocked", "malformed", "stopped"});
}

void Book::check_failure(const Asked& asked, JsonView payload) const {
  const std::string_view reason = payload["reason"].plain();
  const char* id = asked.id.c_str();
  const auto length = static_cast<int>(reason.size());
  if (payload["detail"].plain().empty()) fail("%s: an error without words", id);
  const bool needs_credential = !is_one_of(reason, {asked.expected}) && !asked.was_authenticated &&
                                asked.kind != Kind::authenticate && asked.kind != Kind::ping;
  if (needs_credential) {
    if (reason != "unauthenticated") fail("%s: %.*s without a credential", id, length, reason.data());
  } else if (is_excused(asked, reason)) {
    return;
  } else if (!asked.expected.empty()) {
    if (reason != asked.expected)
      fail("%s: %.*s instead of %s", id, length, reason.data(), asked.expected.c_str());
  } else if (asked.kind == Kind::subscribe) {
    if (!is_one_of(reason, {"busy", "overloaded"}))
      fail("%s: subscribe failed with %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::unsubscribe) {
    const bool knows = subscriptions_.find(asked.subscription) != subscriptions_.end();
    if (reason != "notFound" || (knows && !is_changing(asked.subscription)))
      fail("%s: unsubscribe failed with %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::safety) {
    if (!is_one_of(reason, {"held", "notFound", "stopped"}))
      fail("%s: a safety request failed with %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::command) {
    if (!is_one_of(reason, {"busy", "overloaded", "expired", "failed", "superseded", "mismatch", "stopped"}))
      fail("%s: a good command failed with %.*s", id, length, reason.data());
    if (reason == "stopped" && !witness_.stopping && !witness_.began_stopped)
      fail("%s: stopped, but nobody stops", id);
    if (reason == "busy" && asked.command.rivals < witness_.limits.commands_in_flight && asked.text.empty())
      fail("%s: busy beside only %zu others", id, asked.command.rivals);
    if (is_one_of(reason, {"superseded", "mismatch"}) && asked.command.until != device::Rung::verified)
      fail("%s: %.*s, but nothing was to be verified", id, length, reason.data());
  } else if (asked.kind == Kind::describe && reason == "overloaded") {
    // A session that ends does not wait for a frame. That it ends is checked later.
  } else if (asked.kind != Kind::ping || asked.data.empty() || reason != "overloaded") {
    // An echo takes a frame at once, and there may be none.
    fail("%s: a good request failed with %.*s", id, length, reason.data());
  }
}

void Book::check_success(Asked& asked, std::string_view type, JsonView payload, Instant now) {
  const char* id = asked.id.c_str();
  if (!asked.expected.empty()) return fail("%s should have failed with %s", id, asked.expected.c_str());
  if (!asked.was_authenticated && asked.kind != Kind::authenticate && asked.kind != Kind::ping)
    return fail("%s was served without a credential", id);
  bool fits = false;
  switch (asked.kind) {
    case Kind::authenticate: fits = type == "ack" && asked.outcome == "authenticated"; break;
    case Kind::ping: fits = type == "pong" && payload["data"].unescaped() == asked.data; break;
    case Kind::describe: {
      device::ChannelSet told;
      payload["channels"].each([&](JsonView channel) { told.set(place_of(channel["path"].plain())); });
      fits = type == "description" && told == asked.channels;
      break;
    }
    case Kind::subscribe: {
      check_place(payload);
      fits = type == "snapshot" && payload["id"].plain() == asked.subscription &&
             take_samples(payload, false) == asked.channels;
      subscriptions_[asked.subscription] = {asked.channels, asked.policy, asked.id, false, now};
      break;
    }
    case Kind::unsubscribe:
      fits =
          type == "ack" && asked.outcome == "unsubscribed" && subscriptions_.erase(asked.subscription) == 1;
      break;
    case Kind::safety:
      fits = type == "ack" && is_one_of(asked.outcome, {"renewed", "taken", "requested", "granted", "stolen",
                                                        "stopped", "reset"});
      break;
    case Kind::repeat: fits = type == "ack"; break;
    case Kind::command: {
      const bool has_feedback = asked.command.output == Output::heater;
      const device::Rung top = has_feedback ? device::Rung::verified : device::Rung::applied;
      fits = type == "ack" && asked.outcome == device::wire_name(std::min(top, asked.command.until));
      break;
    }
    default: break;
  }
  if (!fits) fail("%s: a wrong answer of type %.*s", id, static_cast<int>(type.size()), type.data());
}

void Book::hear_synced(Asked& asked, JsonView payload, Instant now) {
  check_place(payload);
  const auto found = subscriptions_.find(payload["id"].plain());
  if (!asked.answered || asked.synced || found == subscriptions_.end() || found->second.asked_by != asked.id)
    return fail("%s: synced must follow its snapshot, once", asked.id.c_str());
  asked.synced = true;
  found->second.synced = true;
  found->second.since = now;
}

void Book::check_place(JsonView payload) {
  const double offset = payload["offset"].number();
  if (offset < offset_) fail("offset went back from %.0f to %.0f", offset_, offset);
  offset_ = offset;
  if (payload["epoch"].plain() != witness_.epoch) fail("heard of another epoch");
}

device::ChannelSet Book::subscribed() const {
  device::ChannelSet all;
  for (const auto& [id, subscription] : subscriptions_)
    if (subscription.synced) all |= subscription.channels;
  return all;
}

void Book::hear_telemetry(JsonView payload) {
  check_place(payload);
  const device::ChannelSet told = take_samples(payload, true);
  const device::ChannelSet foreign = told & ~subscribed();
  if (told.none()) fail("telemetry without samples");
  for (std::size_t i = 0; i < bench::kPaths.size(); ++i)
    if (foreign.test(i)) fail("telemetry of %s, which is not subscribed", bench::kPaths[i].data());
}

device::ChannelSet Book::take_samples(JsonView payload, bool folds) {
  device::ChannelSet told;
  double folded = 0.0;
  payload["samples"].each([&](JsonView text) {
    const Sample sample{text};
    const ChannelIndex channel = place_of(sample.channel);
    if (channel == device::kNoChannel) return fail("a sample of no channel");
    if (told.test(channel)) fail("%s twice in one message", bench::kPaths[channel].data());
    told.set(channel);
    folded += sample.count.number();
    check_sample(channel, sample);
    known_[channel] = {std::string{sample.value.raw()}, std::string{sample.quality}};
  });
  if (folded > 0.0 && !folds) fail("a snapshot with folds");
  const double sum = payload["folded"].number();
  if (sum != folded) fail("folded says %.0f, the samples %.0f", sum, folded);
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
  if (!is_one_of(sample.quality, {"good", "stale", "fault", "simulated"})) fail("%s: no such quality", path);
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

void Book::check_current(Instant now) const {
  if (!prompt_ || goodbye_) return;
  if (is_changing({})) return;
  for (const auto& [id, subscription] : subscriptions_) {
    const RatePolicy& policy = subscription.policy;
    const bool fixed = policy.mode == RatePolicy::Mode::fixed;
    const Duration age = (fixed ? policy.period : policy.min_period) + latency_ + kTelemetrySlack;
    if (now - subscription.since < age) continue;
    constexpr auto kCount = static_cast<ChannelIndex>(bench::kPaths.size());
    for (ChannelIndex i = 0; i < kCount; ++i) {
      if (!subscription.channels.test(i) || now - witness_.changed_at(i) < age) continue;
      if (policy.deadband > 0.0 && witness_.roster.channels()[i].kind == device::ValueKind::number) continue;
      const device::Latest& latest = witness_.values.of(i);
      const auto known = known_.find(i);
      if (known == known_.end() || !is_value(known->second.value, latest) ||
          known->second.quality != device::wire_name(latest.sample.quality)) {
        const char* value = known == known_.end() ? "nothing" : known->second.value.c_str();
        return fail("still takes %s for %s (%s), which changed at %.6f s", bench::kPaths[i].data(), value,
                    known == known_.end() ? "" : known->second.quality.c_str(),
                    std::chrono::duration<double>(witness_.changed_at(i).time_since_epoch()).count());
      }
    }
  }
}

}  // namespace signalbox::sim::storm
