#include "control/authority.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::control {
namespace {

constexpr std::uint32_t kBatonRetry_ms = 1000;

Error held(const char* what, const Actor& holder, std::uint32_t retry_after_ms) {
  return {Reason::held,
          format_text<95>("%s is held by %s (session %s)", what, holder.name.c_str(), holder.session.c_str()),
          {},
          retry_after_ms};
}

}  // namespace

Authority::Authority(const device::Roster& roster, const Memory& memory)
    : roster_{roster}, leases_{memory.leases}, batons_{memory.batons} {
  std::fill(leases_.begin(), leases_.end(), Lease{});
  std::fill(batons_.begin(), batons_.end(), Baton{});
}

Result<void> Authority::may_move(device::ChannelIndex channel, Holder holder, Instant now) const {
  const Lease& lease = leases_[channel];
  if (lease.held_by.holder != kNobody && lease.held_by.holder != holder)
    return held("the output", lease.held_by,
                static_cast<std::uint32_t>(std::max<std::int64_t>(1, to_ms(lease.ends - now))));
  return has_baton(channel, holder);
}

/// `held` where somebody else has the baton of that output's group.
Result<void> Authority::has_baton(device::ChannelIndex channel, Holder holder) const {
  const device::BatonIndex index = roster_.channels()[channel].output->baton;
  if (index == device::kNoBaton) return {};
  const Actor& has = batons_[index].held_by;
  if (has.holder == kNobody || has.holder == holder) return {};
  return held(format_text<47>("the baton %s", roster_.batons()[index].c_str()).c_str(), has, kBatonRetry_ms);
}

void Authority::take_lease(device::ChannelIndex channel, const Actor& actor, Duration length, Instant now) {
  Lease& lease = leases_[channel];
  if (lease.held_by.holder == actor.holder) return;
  lease = {actor, now + length};
}

Result<void> Authority::renew_lease(device::ChannelIndex channel, Holder holder, Duration length,
                                    Instant now) {
  Lease& lease = leases_[channel];
  if (lease.held_by.holder == kNobody || lease.held_by.holder != holder || now >= lease.ends)
    return Error{Reason::not_found, "you have no lease of this output; it may have run out",
                 "payload.channel"};
  const Result<void> has = has_baton(channel, holder);
  if (has) lease.ends = now + length;
  return has;
}

bool Authority::has_run_out(device::ChannelIndex channel, Instant now) const {
  return leases_[channel].held_by.holder != kNobody && now >= leases_[channel].ends;
}

bool Authority::has_any(Holder holder) const {
  return std::any_of(leases_.begin(), leases_.end(),
                     [&](const Lease& lease) { return lease.held_by.holder == holder; }) ||
         std::any_of(batons_.begin(), batons_.end(), [&](const Baton& baton) {
           return baton.held_by.holder == holder || baton.asked_by.holder == holder;
         });
}

Result<void> Authority::take(device::BatonIndex index, const Actor& actor) {
  Baton& baton = batons_[index];
  if (baton.held_by.holder != kNobody && baton.held_by.holder != actor.holder)
    return held("the baton", baton.held_by, kBatonRetry_ms);
  baton.held_by = actor;
  if (baton.asked_by.holder == actor.holder) baton.asked_by = Actor{};
  return {};
}

Result<void> Authority::request(device::BatonIndex index, const Actor& actor) {
  Baton& baton = batons_[index];
  if (baton.held_by.holder == kNobody || baton.held_by.holder == actor.holder) return take(index, actor);
  if (baton.asked_by.holder != kNobody && baton.asked_by.holder != actor.holder)
    return held("the next turn", baton.asked_by, kBatonRetry_ms);
  baton.asked_by = actor;
  return {};
}

Result<void> Authority::grant(device::BatonIndex index, Holder holder) {
  Baton& baton = batons_[index];
  if (baton.held_by.holder == kNobody || baton.held_by.holder != holder)
    return Error{Reason::held, "you do not have this baton", "payload.group"};
  baton.held_by = baton.asked_by;
  baton.asked_by = Actor{};
  return {};
}

Actor Authority::steal(device::BatonIndex index, const Actor& actor) {
  Baton& baton = batons_[index];
  const Actor had = baton.held_by;
  baton.held_by = actor;
  if (baton.asked_by.holder == actor.holder) baton.asked_by = Actor{};
  return had;
}

void Authority::leave(Holder holder, Instant now) {
  for (std::size_t i = 0; i < batons_.size(); ++i) {
    Baton& baton = batons_[i];
    if (baton.asked_by.holder == holder) baton.asked_by = Actor{};
    if (baton.held_by.holder != holder) continue;
    baton = {.held_by = baton.asked_by};
    tell_moved(roster_.batons()[i], baton.held_by, now);
  }
}

void Authority::dismiss(Holder holder, Instant now) {
  for (Lease& lease : leases_)
    if (lease.held_by.holder == holder) lease.ends = now;
  leave(holder, now);
}

void Authority::merge(Holder from, const Actor& into) {
  const auto hand_over = [from, &into](Actor& has) {
    if (has.holder != kNobody && (has.holder == from || has.holder == into.holder)) has = into;
  };
  for (Lease& lease : leases_) hand_over(lease.held_by);
  for (Baton& baton : batons_) {
    hand_over(baton.held_by);
    hand_over(baton.asked_by);
    if (baton.asked_by.holder == baton.held_by.holder) baton.asked_by = Actor{};
  }
}

void Authority::forget(device::BatonIndex baton, std::string_view group, Instant now) {
  const Baton was = std::exchange(batons_[baton], Baton{});
  if (was.held_by.holder != kNobody) tell_moved(group, Actor{}, now);
}

}  // namespace signalbox::control
