#include "control/outcome.hpp"

#include <cmath>

namespace signalbox::control {
namespace {

Reason reason_of(Cause cause) {
  switch (cause) {
    case Cause::stop:
    case Cause::shutdown: return Reason::stopped;
    case Cause::interlock: return Reason::interlocked;
    case Cause::lease_ended:
    case Cause::baton_lost:
    case Cause::local_override: return Reason::held;
    case Cause::reload: return Reason::superseded;
    default: return Reason::expired;
  }
}

const char* words_of(hal::Completion completion) {
  switch (completion) {
    case hal::Completion::pending: return "the hardware keeps silent; it may have happened: read the value";
    case hal::Completion::timed_out:
      return "the hardware was not reached before its deadline; it never will be";
    case hal::Completion::absent: return "the hardware is not there";
    case hal::Completion::no_reply: return "the hardware did not answer";
    default: return "the hardware refused";
  }
}

}  // namespace

Reason reason_of(hal::Completion completion) {
  switch (completion) {
    case hal::Completion::pending: return Reason::unknown;
    case hal::Completion::timed_out: return Reason::expired;
    default: return Reason::failed;
  }
}

Error error_of(hal::Completion completion, std::optional<Cause> safety) {
  if (completion != hal::Completion::timed_out || !safety)
    return {reason_of(completion), words_of(completion)};
  return {reason_of(*safety),
          "withdrawn before it reached the hardware, since the device made the output safe; it never will"};
}

bool agrees(const device::Feedback& feedback, const device::Value& driven, const device::Sample& seen) {
  const bool comparable = device::kind_of(driven) != device::ValueKind::text;
  if (!comparable) return driven == seen.value;
  const double expected = feedback.scale * device::as_number(driven) + feedback.offset;
  return std::abs(device::as_number(seen.value) - expected) <= feedback.tolerance;
}

}  // namespace signalbox::control
