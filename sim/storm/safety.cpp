#include "sim/storm/safety.hpp"

#include <cmath>

#include "sim/storm/bench.hpp"

namespace signalbox::sim::storm {
namespace {

/// An output that may not be on is off within that: a write under way ends first, and steps come late.
constexpr Duration kSafeWithin = from_ms(1000) + 2 * Witness::kLateMax;

}  // namespace

void Safety::judge(const Write& write) {
  const control::Controller& controller = machine_.controller();
  const bool heats = write.output == Output::heater && write.level > 0.5;
  const bool is_safe = Witness::is_safe(write);
  if (controller.is_stopped() && !is_safe)
    trace_.fail("output %d was set to %g although the device is stopped", static_cast<int>(write.output),
                write.level);
  if (write.submitted > witness_.stopped_since() && !is_safe)
    trace_.fail("output %d was set to %g although the device must be stopped", static_cast<int>(write.output),
                write.level);
  if (write.output == Output::fan && !Witness::is_failsafe(write) && write.submitted > overridden_since_ &&
      reads_door(true))
    trace_.fail("a command set the fan to %g with the door open", write.level);
  if (write.output == Output::lamp) judge_lamp(write);
  if (!heats) return;
  judge_combination(write);
  if (controller.authority().lease(bench::kHeater).held_by.holder == control::kNobody)
    trace_.fail("the heater was switched on without a lease");
  if (write.submitted > witness_.leased_until(Output::heater))
    trace_.fail("the heater was switched on without a lease that anybody took");
  if (!reads_door(false)) trace_.fail("the heater was switched on although the door is not known to be shut");
}

/// Only safety, and a release, switch it before its least time is over.
void Safety::judge_lamp(const Write& write) {
  const bool lights = write.level > 0.5;
  if (lights) judge_combination(write);
  if (lights == (write.before > 0.5) || Witness::is_failsafe(write) || witness_.may_release(write)) return;
  const Duration least = lights ? bench::kLampOffAtLeast : bench::kLampOnAtLeast;
  const Duration stayed = write.submitted - recorder_.moved_at(Output::lamp);
  if (stayed + from_ms(1) < least)
    trace_.fail("the lamp was switched too soon: after %lld ms", static_cast<long long>(to_ms(stayed)));
}

void Safety::check_stop(Instant now, bool disturbed) {
  const Instant since = witness_.stopped_since();
  if (since == kNever || now - since <= kSafeWithin) return;
  const double heater = recorder_.level(Output::heater);
  const double fan = recorder_.level(Output::fan);
  const double lamp = recorder_.level(Output::lamp);
  if (lamp != 0.0 || (!disturbed && (heater != 0.0 || std::abs(fan - bench::kFanSafe) > 1e-9)))
    trace_.fail("heater %g, fan %g and lamp %g although the device must be stopped", heater, fan, lamp);
}

bool Safety::reads_door(bool open) const {
  const device::Sample& door = machine_.values().of(bench::kDoor).sample;
  return device::is_usable(door.quality) && door.value == device::Value{open};
}

/// While the door is open the fan runs, whatever was asked for.
void Safety::check_override(Instant now, bool disturbed) {
  // What a stop has ended comes back only once the door was shut.
  const bool is_stopped = witness_.stopping || witness_.stopped_since() != kNever ||
                          machine_.controller().is_stopped() ||
                          witness_.holdings.stop_asked_at() >= checked_at_;
  is_spent_ = is_stopped || (is_spent_ && !reads_door(false));
  checked_at_ = now;
  if (!reads_door(true) || disturbed || is_spent_)
    overridden_since_ = kNever;
  else
    overridden_since_ = std::min(overridden_since_, now);
  const double fan = recorder_.level(Output::fan);
  if (overridden_since_ != kNever && now - overridden_since_ > kSafeWithin &&
      std::abs(fan - bench::kFanOverride) > 1e-9)
    trace_.fail("the fan runs at %g with the door open for %lld ms", fan,
                static_cast<long long>(to_ms(now - overridden_since_)));
}

/// What is switched on now must not come to be on together with what is.
void Safety::judge_combination(const Write& write) {
  const bool heats = write.output == Output::heater;
  const double other = recorder_.level(heats ? Output::lamp : Output::heater);
  const double fan = recorder_.level(Output::fan);
  if (other > 0.5 || fan <= (heats ? bench::kHeaterFan : bench::kLampFan))
    trace_.fail("output %d was switched on together with the other relay at %g and the fan at %g",
                static_cast<int>(write.output), other, fan);
}

void Safety::check_combinations(Instant now) {
  const bool heats = recorder_.level(Output::heater) > 0.5;
  const bool lights = recorder_.level(Output::lamp) > 0.5;
  const double fan = recorder_.level(Output::fan);
  if (heats && lights) trace_.fail("heater and lamp are on together");
  if (heats && fan <= bench::kHeaterFan) trace_.fail("the heater is on together with the fan at %g", fan);
  if (!lights || fan > bench::kLampFan) {
    unaired_since_ = kNever;
  } else if (unaired_since_ == kNever) {
    unaired_since_ = now;
  } else if (now - unaired_since_ > kSafeWithin) {
    trace_.fail("the lamp is on together with the fan at %g for %lld ms", fan,
                static_cast<long long>(to_ms(now - unaired_since_)));
  }
}

/// What was refused, and what never reached the hardware, takes no lease.
void Safety::check_leases(Instant now) {
  for (const Output output : {Output::heater, Output::lamp}) {
    const control::Lease& lease = machine_.controller().authority().lease(bench::channel_of(output));
    if (lease.held_by.holder != control::kNobody && lease.ends > now &&
        lease.ends > witness_.leased_until(output))
      trace_.fail("output %d has a lease that nothing carried out has taken", static_cast<int>(output));
  }
}

bool Safety::is_leased(Instant now, bool released) {
  const control::Lease& lease = machine_.controller().authority().lease(bench::kHeater);
  const bool held = lease.held_by.holder != control::kNobody;
  const bool is_same = held && lease.held_by.holder == lease_.held_by.holder;
  const bool touched = witness_.holdings.touched_at() >= looked_at_;
  if (is_same && lease.ends > lease_.ends && lease_.ends > now && !touched && !released)
    trace_.fail("a lease was lengthened that nobody renewed");
  if (held && lease.ends > now + from_ms(bench::kLeaseMax_ms))
    trace_.fail("a lease lasts longer than it may");
  lease_ = lease;
  looked_at_ = now;
  return held && lease.ends > now;
}

void Safety::look(Instant now, bool disturbed) {
  // It may have been taken anew since: after it went off, or after what took it ran out under way.
  bool released = is_told_off_ || (looked_at_ < told_until_ && told_until_ <= now);
  for (; seen_ < recorder_.writes().size(); ++seen_) {
    const Write& write = recorder_.writes()[seen_];
    trace_.line("output %d is told %g by %lld us", static_cast<int>(write.output), write.level,
                static_cast<long long>(write.deadline.time_since_epoch().count()));
    judge(write);
    if (write.output != Output::heater) continue;
    is_told_off_ = write.level < 0.5;
    told_until_ = write.deadline;
    released = released || is_told_off_ || write.before < 0.5;
  }
  check_combinations(now);
  check_leases(now);
  check_stop(now, disturbed);
  check_override(now, disturbed);
  const bool allowed = is_leased(now, released) && now <= witness_.leased_until(Output::heater) &&
                       reads_door(false) && !machine_.controller().is_stopped();
  if (allowed || disturbed || recorder_.level(Output::heater) < 0.5) {
    unsafe_since_ = kNever;
  } else if (unsafe_since_ == kNever) {
    unsafe_since_ = now;
  } else if (now - unsafe_since_ > kSafeWithin) {
    trace_.fail("the heater is still on %lld ms after it should have gone off",
                static_cast<long long>(to_ms(now - unsafe_since_)));
  }
}

}  // namespace signalbox::sim::storm
