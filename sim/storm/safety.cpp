#include "sim/storm/safety.hpp"

#include <cmath>

#include "sim/storm/bench.hpp"
#include "sim/storm/witness.hpp"

namespace signalbox::sim::storm {
namespace {

/// An output that may not be on is off within that: a write under way ends first, and steps come late.
constexpr Duration kSafeWithin = from_ms(1000) + 2 * Witness::kLateMax;

}  // namespace

void Safety::judge(const Write& write) {
  const control::Controller& controller = machine_.controller();
  const bool heats = write.output == Output::heater && write.level > 0.5;
  const bool is_safe = write.output == Output::fan ? std::abs(write.level - bench::kFanSafe) < 1e-9 : !heats;
  if (controller.is_stopped() && !is_safe)
    trace_.fail("output %d was set to %g although the device is stopped", static_cast<int>(write.output),
                write.level);
  if (!heats) return;
  if (controller.authority().lease(bench::kHeater).holder.holder == control::kNobody)
    trace_.fail("the heater was switched on without a lease");
  const device::Sample& door = machine_.values().of(bench::kDoor).sample;
  if (!device::is_usable(door.quality) || door.value != device::Value{false})
    trace_.fail("the heater was switched on although the door is not known to be shut");
}

bool Safety::is_leased(Instant now, bool released) {
  const control::Lease& lease = machine_.controller().authority().lease(bench::kHeater);
  const bool held = lease.holder.holder != control::kNobody;
  const bool is_same = held && lease.holder.holder == lease_.holder.holder;
  const bool touched = holdings_.touched_at() >= looked_at_;
  if (is_same && lease.ends > lease_.ends && lease_.ends > now && !touched && !released)
    trace_.fail("a lease was lengthened that nobody renewed");
  if (held && lease.ends > now + from_ms(bench::kLeaseMax_ms))
    trace_.fail("a lease lasts longer than it may");
  lease_ = lease;
  looked_at_ = now;
  return held && lease.ends > now;
}

void Safety::look(Instant now, bool disturbed) {
  bool released = false;  // it may have been taken anew since
  for (; seen_ < recorder_.writes().size(); ++seen_) {
    const Write& write = recorder_.writes()[seen_];
    trace_.line("output %d is told %g by %lld us", static_cast<int>(write.output), write.level,
                static_cast<long long>(write.deadline.time_since_epoch().count()));
    judge(write);
    released = released || (write.output == Output::heater && (write.level < 0.5 || write.before < 0.5));
  }
  const device::Sample& door = machine_.values().of(bench::kDoor).sample;
  const bool allowed = is_leased(now, released) && device::is_usable(door.quality) &&
                       door.value == device::Value{false} && !machine_.controller().is_stopped();
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
