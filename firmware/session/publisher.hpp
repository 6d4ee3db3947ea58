#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/rate_policy.hpp"
#include "base/result.hpp"
#include "base/slot_pool.hpp"
#include "protocol/dialect.hpp"
#include "session/context.hpp"
#include "session/session.hpp"
#include "session/subscription_terms.hpp"
#include "telemetry/subscription.hpp"

namespace signalbox::session {

/// A place in the list of all memberships, counted from 1.
using MemberIndex = std::uint32_t;
inline constexpr MemberIndex kNoMember = 0;

/// All subscriptions that are equal: same dialect, same channels, same policy. They share every frame.
struct Group {
  const protocol::Dialect* dialect = nullptr;
  std::optional<telemetry::Subscription> subscription;
  MemberIndex first = kNoMember;
};

/// One session's subscription, as a member of a group.
struct Membership {
  // What each delivery looks at.
  Handle session;
  Handle group;  ///< names nothing: the place is free
  MemberIndex next = kNoMember;
  MemberIndex previous = kNoMember;
  /// Which answer place holds the snapshot that telemetry must wait for; none: it is rendered.
  std::optional<std::uint32_t> snapshot_place;
  /// It resumes: what is due meanwhile folds, and waits for the snapshot.
  bool recovers = false;
  SubscriptionTerms terms;  ///< of a session that is closed, what it had
};

/// Sends new samples to subscribers. A message is encoded once for each group of equal subscriptions and
/// shared by its members; for members that are late it is folded.
class Publisher {
 public:
  struct Memory {
    std::span<SlotPool<Group>::Slot> groups;
    std::span<telemetry::Subscription::Seen> seen;  ///< groups × channels
    std::span<Membership> memberships;              ///< sessions × subscriptions of each
  };

  Publisher(const Context& context, Sessions& sessions, FramePool& frames, const Memory& memory);

  /// A new session: it has no subscriptions, whatever its memory held before.
  void enter(const Session& session);
  /// Subscribes; the same id again replaces, and stays as it was where that fails. `busy` where the session,
  /// `overloaded` where the device has no more places. Telemetry waits for the snapshot, which will be
  /// rendered from that answer place.
  /// `recovers`: what was missed is told first.
  Result<void> subscribe(Session& session, std::uint32_t snapshot_place, const SubscriptionTerms& terms,
                         bool recovers, Instant now);
  /// False where the session has no subscription of that id.
  bool unsubscribe(Session& session, const protocol::SubscriptionId& id);
  bool has(const Session& session, const protocol::SubscriptionId& id) {
    return find(session, id) != nullptr;
  }
  void leave_all(const Session& session);
  /// What it has subscribed to; what it had, once it left all.
  SubscriptionList subscriptions_of(const Session& session);
  /// How many subscriptions it has.
  std::uint32_t count_of(const Session& session) const;
  /// The snapshot in that answer place is rendered: the subscription's telemetry may queue behind it.
  void snapshot_rendered(Session& session, std::uint32_t place);
  /// Whether a subscription still waits for the snapshot in that answer place.
  bool is_awaited(const Session& session, std::uint32_t place) {
    return find_awaiting(session, place) != nullptr;
  }
  /// The snapshot in that answer place cannot be sent: the subscription ends.
  void give_up(Session& session, std::uint32_t place);

  /// Publishes what is due; calls `wants_write(session)` for each that has something new, which changes no
  /// subscription. Returns when to come again.
  template <typename WantsWrite>
  Instant step(Instant now, WantsWrite&& wants_write) {
    if (context_.values.offset() == published_ && now < next_due_) return next_due_;
    const device::ChannelSet declared = context_.values.declared_since(published_);
    published_ = context_.values.offset();
    next_due_ = kNever;
    groups_.each([&](Handle, Group& group) {
      const device::ChannelSet due = group.subscription->due(context_.roster, context_.values, now);
      next_due_ = std::min(next_due_, group.subscription->next_due());
      const device::ChannelSet unmeasured = declared & group.subscription->channels();
      if ((due | unmeasured).none()) return;
      if (unmeasured.any()) tell_measure(group, unmeasured);
      Update update{due};
      for (MemberIndex i = group.first; i != kNoMember; i = member(i).next) {
        const Membership& its = member(i);
        if (its.snapshot_place && !its.recovers) continue;
        Session& session = sessions_.at(its.session);
        give(group, update, session, now);
        if (!its.snapshot_place) wants_write(session);
      }
      if (update.frame != kNoFrame) frames_.let_go(update.frame);
    });
    return next_due_;
  }

  const PoolGauge& gauge() const { return groups_.gauge(); }

 private:
  /// What is due for a group, rendered for the first member that takes it.
  struct Update {
    device::ChannelSet due;
    bool rendered = false;
    FrameId frame = kNoFrame;  ///< none, though rendered: all are in use
  };

  std::span<Membership> of(const Session& session) {
    return memberships_.subspan(session.handle.index * per_session_, per_session_);
  }
  Membership& member(MemberIndex index) { return memberships_[index - 1]; }
  Membership* find(const Session& session, const protocol::SubscriptionId& id);
  Membership* find_awaiting(const Session& session, std::uint32_t snapshot_place);
  Membership* free_place(const Session& session);
  static bool is_alone(const Membership& membership);
  Handle group_for(const protocol::Dialect& dialect, const device::ChannelSet& channels,
                   const RatePolicy& policy, Instant now);
  void join(Membership& membership, Handle group);
  void leave(Membership& membership);
  void settle(Session& session);
  void tell_measure(const Group& group, const device::ChannelSet& channels);
  FrameId render(const Group& group, const device::ChannelSet& due, Instant now);
  void give(const Group& group, Update& update, Session& session, Instant now);

  const Context& context_;
  Sessions& sessions_;
  FramePool& frames_;
  SlotPool<Group> groups_;
  std::span<telemetry::Subscription::Seen> seen_;
  std::span<Membership> memberships_;
  std::size_t per_session_;
  std::uint64_t published_ = 0;  ///< offset up to which all groups were asked
  Instant next_due_ = kNever;
};

}  // namespace signalbox::session
