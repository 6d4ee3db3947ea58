// Subscriptions that go on with their session: told without having been asked for on this connection.
#include <algorithm>

#include "sim/storm/book.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;

}  // namespace

bool Book::is_going_on(const Asked& asked) { return asked.kind == Kind::subscribe && asked.id.empty(); }

/// Whether something else that was asked on this connection decides what becomes of that subscription.
bool Book::is_asked_here(std::string_view subscription) const {
  return std::any_of(asked_.begin(), asked_.end(), [&](const Asked& asked) {
    const bool changes = asked.kind == Kind::subscribe || asked.kind == Kind::unsubscribe;
    return changes && !is_going_on(asked) && asked.delivered && asked.subscription == subscription;
  });
}

/// Each subscription that goes on is one more that was asked for when the return was.
void Book::go_on(std::size_t place, double count) {
  const Asked resume = asked_[place];
  const auto promised = static_cast<std::size_t>(count);
  bool is_clear = !resume.is_unclear && promised == resume.goes_on.size();
  for (const Asked& kept : resume.goes_on) is_clear = is_clear && !is_asked_here(kept.subscription);
  if (promised > resume.goes_on.size() && !resume.is_unclear)
    return fail("%s: more subscriptions go on than there were", resume.id.c_str());
  if (!is_clear)
    events_.may_come_back(resume.last_seen ? resume.last_seen->offset : resume.offset_then,
                          resume.offset_then);
  for (const Asked& kept : resume.goes_on) {
    Asked goes_on = kept;
    goes_on.id.clear();
    goes_on.expected.clear();
    goes_on.outcome.clear();
    goes_on.answered = goes_on.synced = false;
    goes_on.is_unclear = !is_clear;
    goes_on.last_seen = resume.last_seen;
    goes_on.delivered = goes_on.was_authenticated = true;
    goes_on.delivered_at = resume.delivered_at;
    goes_on.offset_then = resume.offset_then;
    const std::size_t its = ask(goes_on);
    if (!is_clear) samples_.disturb(goes_on.channels);
    if (goes_on.last_seen)
      comebacks_.try_emplace(its, witness_.chronicle, goes_on.channels,
                             std::max(goes_on.last_seen->offset, witness_.chronicle.began()),
                             goes_on.offset_then, false);
    if (!goes_on.events) continue;
    const bool resumes = goes_on.last_seen.has_value();
    events_.asked(its, resumes ? goes_on.last_seen->offset : goes_on.offset_then, goes_on.offset_then,
                  resumes);
  }
  going_on_ += promised;
}

/// Whatever tells of one that goes on; false where there is none.
bool Book::hear_going_on(std::string_view type, JsonView payload, Instant now) {
  if (type == "error") {
    if (payload["reason"].plain() != "superseded" || going_on_ == 0) return false;
    --going_on_;  // which one cannot be told
    events_.lose_track();
    samples_.disturb(device::ChannelSet{}.set());
    return true;
  }
  const std::string_view id = payload["id"].plain();
  const auto found = std::find_if(asked_.rbegin(), asked_.rend(), [&](const Asked& asked) {
    return is_going_on(asked) && asked.subscription == id && !asked.synced;
  });
  if (found == asked_.rend() || found->is_unclear) return going_on_ > 0 && hear_unclear(type, payload, now);
  if (type == "missed") {
    hear_missed(*found, payload);
  } else if (type == "snapshot") {
    if (found->answered) fail("%.*s: two snapshots", length(id), id.data());
    found->answered = true;
    hear_subscribed(*found, payload, now);
    settle_subscription(*found, true);
  } else {
    hear_synced(*found, payload, now);
    --going_on_;
  }
  return true;
}

/// Nobody knows how the session stood when it was lost: it is taken as it is told.
bool Book::hear_unclear(std::string_view type, JsonView payload, Instant now) {
  const Told told{payload};
  if (type == "missed") return true;
  check_place(told);
  if (type == "synced") {
    --going_on_;
    return true;
  }
  Asked unknown;
  unknown.kind = Kind::subscribe;
  unknown.subscription = told.id;
  unknown.channels = take_samples(told, false);
  unknown.policy = {.mode = RatePolicy::Mode::fixed, .period = from_ms(3'600'000)};
  unknown.delivered = unknown.was_authenticated = unknown.answered = unknown.synced = true;
  unknown.is_unclear = true;
  samples_.disturb(unknown.channels);
  const auto offset = static_cast<std::uint64_t>(told.offset);
  const std::size_t place = ask(unknown);
  subscriptions_[unknown.subscription] = {unknown.channels, unknown.policy, place, true, now, offset};
  return true;
}

}  // namespace signalbox::sim::storm
