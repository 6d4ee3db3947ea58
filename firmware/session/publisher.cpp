#include "session/publisher.hpp"

namespace signalbox::session {

Publisher::Publisher(const Context& context, Sessions& sessions, FramePool& frames, const Memory& memory,
                     std::uint32_t subscriptions_per_session)
    : context_{context},
      sessions_{sessions},
      frames_{frames},
      groups_{memory.groups},
      seen_{memory.seen},
      memberships_{memory.memberships},
      per_session_{subscriptions_per_session} {}

void Publisher::enter(const Session& session) {
  for (Membership& membership : of(session)) membership = Membership{};
}

Membership* Publisher::find(const Session& session, const protocol::SubscriptionId& id) {
  for (Membership& membership : of(session))
    if (membership.group && membership.id == id) return &membership;
  return nullptr;
}

Result<void> Publisher::subscribe(const Session& session, const protocol::SubscriptionId& id,
                                  std::uint32_t place, const device::ChannelSet& channels,
                                  const RatePolicy& policy, Instant now) {
  Membership* const old = find(session, id);
  Membership* membership = old;
  for (Membership& each : of(session))
    if (membership == nullptr && !each.group) membership = &each;
  if (membership == nullptr)
    return Error{Reason::busy, "this session has all the subscriptions it may; unsubscribe one first"};
  Handle handle = group_for(*session.dialect, channels, policy, now);
  if (!handle && old != nullptr && is_alone(*old)) {
    leave(*old);  // its group makes room for the new one
    handle = group_for(*session.dialect, channels, policy, now);
  }
  if (!handle)
    return Error{Reason::overloaded, "the device serves all the different subscriptions it can", {}, 1000};
  if (membership->group && membership->group != handle) leave(*membership);
  if (!membership->group) join(*membership, handle);
  membership->id = id;
  membership->session = session.handle;
  membership->place = place;
  membership->synced = false;
  next_due_ = std::min(next_due_, groups_.at(handle).subscription->next_due());
  return {};
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
  const std::size_t channels_max = context_.roster.channels().size();
  Group& group = groups_.at(found);
  group.dialect = &dialect;
  group.subscription.emplace(channels, policy, seen_.subspan(found.index * channels_max, channels_max),
                             context_.values, now);
  return found;
}

bool Publisher::unsubscribe(const Session& session, const protocol::SubscriptionId& id) {
  Membership* membership = find(session, id);
  if (membership != nullptr) leave(*membership);
  return membership != nullptr;
}

void Publisher::leave_all(const Session& session) {
  for (Membership& membership : of(session))
    if (membership.group) leave(membership);
}

bool Publisher::is_alone(const Membership& membership) {
  return membership.next == kNoMember && membership.previous == kNoMember;
}

void Publisher::join(Membership& membership, Handle handle) {
  Group& group = groups_.at(handle);
  const auto index = static_cast<MemberIndex>(&membership - memberships_.data() + 1);
  membership.group = handle;
  membership.next = group.first;
  if (group.first != kNoMember) member(group.first).previous = index;
  group.first = index;
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

void Publisher::synced(const Session& session, std::uint32_t place) {
  for (Membership& membership : of(session))
    if (membership.group && membership.place == place) membership.synced = true;
}

void Publisher::distribute(Group& group, const device::ChannelSet& due, Instant now) {
  FrameId frame = kNoFrame;
  bool rendered = false;
  for (MemberIndex i = group.first; i != kNoMember; i = member(i).next) {
    if (!member(i).synced) continue;
    Outbox& outbox = sessions_.at(member(i).session).outbox;
    if (!rendered && outbox.takes_frames()) {
      rendered = true;
      frame = frames_.take();
      if (frame != kNoFrame) {
        const std::string_view text =
            group.dialect->encode(protocol::Telemetry{due}, context_.view(now), frames_.memory(frame));
        SIGNALBOX_CHECK(!text.empty());  // storage<Budget> makes frames long enough for all channels
        frames_.set_size(frame, text.size());
      }
    }
    if (frame != kNoFrame && outbox.offer(frames_, frame)) continue;
    for (std::size_t channel = 0; channel < context_.roster.channels().size(); ++channel) {
      const auto index = static_cast<device::ChannelIndex>(channel);
      const device::Latest& latest = context_.values.of(index);
      if (due.test(channel))
        outbox.fold(index, latest.was_read ? device::as_number(latest.sample.value) : protocol::Fold::kNoNumber);
    }
  }
  if (frame != kNoFrame) frames_.let_go(frame);
}

}  // namespace signalbox::session
