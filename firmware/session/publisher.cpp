#include "session/publisher.hpp"

#include <algorithm>
#include <utility>

#include "session/news_reader.hpp"

namespace signalbox::session {

Publisher::Publisher(const Context& context, Sessions& sessions, FramePool& frames, const Memory& memory)
    : context_{context},
      sessions_{sessions},
      frames_{frames},
      groups_{memory.groups},
      seen_{memory.seen},
      memberships_{memory.memberships},
      per_session_{memory.memberships.size() / sessions.gauge().capacity} {}

void Publisher::enter(const Session& session) {
  for (Membership& membership : of(session))
    if (membership.group || !membership.terms.id.empty())
      membership = Membership{};  // else it is untouched memory
}

Membership* Publisher::find(const Session& session, const protocol::SubscriptionId& id) {
  for (Membership& membership : of(session))
    if (membership.group && membership.terms.id == id) return &membership;
  return nullptr;
}

Membership* Publisher::find_awaiting(const Session& session, std::uint32_t snapshot_place) {
  for (Membership& membership : of(session))
    if (membership.group && membership.snapshot_place == snapshot_place) return &membership;
  return nullptr;
}

Membership* Publisher::free_place(const Session& session) {
  for (Membership& membership : of(session))
    if (!membership.group) return &membership;
  return nullptr;
}

Result<void> Publisher::subscribe(Session& session, std::uint32_t snapshot_place,
                                  const SubscriptionTerms& terms, bool recovers, Instant now) {
  Membership* old = find(session, terms.id);
  Membership* place = old != nullptr ? old : free_place(session);
  if (place == nullptr)
    return Error{
        Reason::busy, "this session has all the subscriptions it may; unsubscribe one first", {}, 1000};
  // The new group is found before the old one is left: where there is none, nothing has changed.
  const bool frees_group = old != nullptr && is_alone(*old);
  Handle group = group_for(*session.dialect, terms.channels, terms.policy, now);
  if (!group && !frees_group)
    return Error{Reason::overloaded, "the device serves all the different subscriptions it can", {}, 1000};
  if (old == nullptr || group != old->group) {
    if (old != nullptr) leave(*old);
    if (!group) group = group_for(*session.dialect, terms.channels, terms.policy, now);
    join(*place, group);
  }
  place->terms = terms;
  place->session = session.handle;
  place->snapshot_place = snapshot_place;
  place->recovers = recovers;
  settle(session);
  return {};
}

bool Publisher::is_alone(const Membership& membership) {
  return membership.next == kNoMember && membership.previous == kNoMember;
}

void Publisher::join(Membership& membership, Handle group) {
  Group& joined = groups_.at(group);
  const auto index = static_cast<MemberIndex>(&membership - memberships_.data() + 1);
  membership.group = group;
  membership.next = joined.first;
  if (joined.first != kNoMember) member(joined.first).previous = index;
  joined.first = index;
  next_due_ = std::min(next_due_, joined.subscription->next_due());
}

Handle Publisher::group_for(const protocol::Dialect& dialect, const device::ChannelSet& channels,
                            const RatePolicy& policy, Instant now) {
  Handle found;
  groups_.each([&](Handle handle, Group& group) {
    if (group.dialect == &dialect && group.subscription->channels() == channels &&
        group.subscription->policy() == policy)
      found = handle;
  });
  if (found) return found;
  found = groups_.take();
  if (!found) return found;
  const std::size_t channels_max = context_.roster.channels_max();
  Group& group = groups_.at(found);
  group.dialect = &dialect;
  group.subscription.emplace(channels, policy, seen_.subspan(found.index * channels_max, channels_max),
                             context_.values, now);
  return found;
}

bool Publisher::unsubscribe(Session& session, const protocol::SubscriptionId& id) {
  Membership* membership = find(session, id);
  if (membership == nullptr) return false;
  leave(*membership);
  settle(session);
  return true;
}

/// Drops what was folded of channels that the session is not subscribed to any more, and holds what was
/// folded of those that recover. Events end with the last subscription that wants them.
void Publisher::settle(Session& session) {
  device::ChannelSet subscribed;
  device::ChannelSet held;
  bool events = false;
  bool presence = false;
  for (const Membership& membership : of(session)) {
    if (!membership.group) continue;
    const device::ChannelSet& channels = groups_.at(membership.group).subscription->channels();
    subscribed |= channels;
    events = events || membership.terms.events;
    presence = presence || membership.terms.presence;
    if (membership.recovers) held |= channels;
  }
  session.outbox.clear_folds(~subscribed);
  session.outbox.hold_folds(held);
  session.wants_events = session.wants_events && events;
  session.wants_presence = session.wants_presence && presence;
}

std::uint32_t Publisher::count_of(const Session& session) const {
  const auto its = memberships_.subspan(session.handle.index * per_session_, per_session_);
  return static_cast<std::uint32_t>(
      std::count_if(its.begin(), its.end(), [](const Membership& each) { return bool{each.group}; }));
}

void Publisher::leave_all(const Session& session) {
  for (Membership& membership : of(session)) {
    if (!membership.group) continue;
    const SubscriptionTerms terms = membership.terms;
    leave(membership);
    membership.terms = terms;
  }
}

SubscriptionList Publisher::subscriptions_of(const Session& session) {
  SubscriptionList all;
  for (const Membership& membership : of(session)) {
    if (membership.terms.id.empty()) continue;
    all.add(membership.terms);
  }
  return all;
}

void Publisher::leave(Membership& membership) {
  Group& group = groups_.at(membership.group);
  if (membership.next != kNoMember) member(membership.next).previous = membership.previous;
  if (membership.previous != kNoMember) {
    member(membership.previous).next = membership.next;
  } else {
    group.first = membership.next;
  }
  if (group.first == kNoMember) groups_.give_back(membership.group);
  membership = Membership{};
}

void Publisher::snapshot_rendered(Session& session, std::uint32_t place) {
  Membership* membership = find_awaiting(session, place);
  if (membership == nullptr) return;
  membership->snapshot_place.reset();
  membership->recovers = false;
  groups_.at(membership->group).subscription->shown(context_.values);
  settle(session);
}

void Publisher::give_up(Session& session, std::uint32_t place) {
  Membership* membership = find_awaiting(session, place);
  if (membership == nullptr) return;
  leave(*membership);
  settle(session);
}

/// A snapshot that is still to come tells it anyway.
void Publisher::tell_measure(const Group& group, const device::ChannelSet& channels) {
  for (MemberIndex i = group.first; i != kNoMember; i = member(i).next)
    if (!member(i).snapshot_place) sessions_.at(member(i).session).outbox.tell_measure(channels);
}

/// A frame where it takes one, else it folds.
void Publisher::give(const Group& group, Update& update, Session& session, Instant now) {
  Outbox& outbox = session.outbox;
  if (outbox.takes_frames() && !has_news(session, context_)) {
    if (!std::exchange(update.rendered, true)) update.frame = render(group, update.due, now);
    if (update.frame != kNoFrame && outbox.offer(frames_, update.frame)) return;
  }
  for (std::size_t channel = 0; channel < context_.roster.channels().size(); ++channel) {
    const auto index = static_cast<device::ChannelIndex>(channel);
    if (update.due.test(channel)) outbox.fold(index, context_.values.of(index));
  }
}

FrameId Publisher::render(const Group& group, const device::ChannelSet& due, Instant now) {
  const FrameId frame = frames_.take_spare();
  if (frame == kNoFrame) return kNoFrame;
  const std::string_view text =
      group.dialect->encode(protocol::Telemetry{due}, context_.view(now), frames_.memory(frame));
  SIGNALBOX_CHECK(!text.empty());  // storage<Budget> makes frames long enough for all channels
  frames_.set_size(frame, text.size());
  return frame;
}

}  // namespace signalbox::session
