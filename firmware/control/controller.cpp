#include "control/controller.hpp"

#include <algorithm>
#include <cmath>

#include "device/actuator.hpp"

namespace signalbox::control {
namespace {

/// How long past its deadline a port may keep silent about an operation before its command is answered
/// `unknown`.
constexpr Duration kPortGrace = from_ms(1000);
/// How long an output may take to become safe.
constexpr Duration kSafeWithin = from_ms(1000);

bool agrees(const device::Feedback& feedback, const device::Value& driven, const device::Sample& seen) {
  const bool comparable = device::kind_of(driven) != device::ValueKind::text;
  if (!comparable) return driven == seen.value;
  const double expected = feedback.scale * device::as_number(driven) + feedback.offset;
  return std::abs(device::as_number(seen.value) - expected) <= feedback.tolerance;
}

}  // namespace

Result<void> Controller::submit(const Command& command) {
  if (stopping_) return Error{Reason::stopped, "the device is shutting down"};
  if (!queue_.push(command))
    return Error{Reason::overloaded, "too many commands in flight on this device", {}, 100};
  return {};
}

Instant Controller::step(Instant now) {
  Instant next = kNever;
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.stage != Stage::finished) advance(queued, now);
  }
  queue_.remove_finished();
  for (const QueuedCommand& queued : queue_.in_order()) next = std::min(next, next_deadline(queued));
  return next;
}

void Controller::advance(QueuedCommand& queued, Instant now) {
  // A command may pass several stages in one step: a simulated or memory-mapped line answers at once.
  if (queued.stage == Stage::waiting) start(queued, now);
  if (queued.stage == Stage::driving) take_driven(queued, now);
  if (queued.stage == Stage::verifying) verify(queued, now);
}

void Controller::start(QueuedCommand& queued, Instant now) {
  if (now >= queued.command.deadline) {
    fail(queued, {Reason::expired, "its deadline passed before it could be carried out; it never will be"});
    return;
  }
  device::Actuator* actuator = roster_.actuator(queued.command.channel);
  SIGNALBOX_CHECK(actuator != nullptr);
  const device::ChannelIndex index = queued.command.channel;
  const bool moving = actuator->driven() == hal::Completion::pending;
  if (moving) moved_at_[index] = now;
  if (moving || !is_first_on_channel(queued)) return;
  if (queued.command.value) {
    queued.driven = *queued.command.value;
  } else {
    const device::Latest& present = values_.of(index);
    if (present.sample.taken_at <= moved_at_[index]) return;  // not read back since it moved
    const bool* on = std::get_if<bool>(&present.sample.value);
    if (on == nullptr || !device::is_usable(present.sample.quality)) {
      fail(queued, {Reason::failed, "its present state is not known, so it cannot be toggled"});
      return;
    }
    queued.driven = !*on;
  }
  supersede(index, "applied, but a newer command moved the output before it was verified");
  actuator->drive(roster_.channels()[index].uncalibrate(queued.driven), queued.command.deadline);
  moved_at_[index] = now;
  queued.stage = Stage::driving;
}

void Controller::take_driven(QueuedCommand& queued, Instant now) {
  moved_at_[queued.command.channel] = now;
  switch (roster_.actuator(queued.command.channel)->driven()) {
    case hal::Completion::done: {
      const device::Channel& channel = roster_.channels()[queued.command.channel];
      queued.applied_at = now;
      queued.stage = Stage::verifying;
      climb(queued, device::Rung::applied, !channel.output->feedback.has_value());
      return;
    }
    case hal::Completion::timed_out:
      fail(queued, {Reason::expired, "the hardware was not reached before its deadline; it never will be"});
      return;
    case hal::Completion::no_reply: fail(queued, {Reason::failed, "the hardware did not answer"}); return;
    case hal::Completion::failed: fail(queued, {Reason::failed, "the hardware refused"}); return;
    default: break;
  }
  if (now - queued.command.deadline > kPortGrace)
    fail(queued, {Reason::unknown, "the hardware keeps silent; it may have happened: read the value"});
}

void Controller::verify(QueuedCommand& queued, Instant now) {
  const device::Feedback& feedback = *roster_.channels()[queued.command.channel].output->feedback;
  const device::Sample& seen = values_.of(feedback.channel).sample;
  if (seen.taken_at > queued.applied_at && device::is_usable(seen.quality) &&
      agrees(feedback, queued.driven, seen)) {
    climb(queued, device::Rung::verified, true);
  } else if (now >= queued.applied_at + feedback.within) {
    const auto& path = roster_.channels()[feedback.channel].path;
    Error error{Reason::mismatch, {}};
    error.detail = format_text<95>("applied, but %s did not agree in time", path.c_str());
    fail(queued, error);
  }
}

void Controller::climb(QueuedCommand& queued, device::Rung rung, bool top) {
  const bool final = top || rung >= queued.command.until;
  listener_.progressed({queued.command.ticket, rung, final, std::nullopt});
  if (final) queued.stage = Stage::finished;
}

void Controller::fail(QueuedCommand& queued, const Error& error) {
  listener_.progressed({queued.command.ticket, device::Rung::accepted, true, error});
  queued.stage = Stage::finished;
}

bool Controller::is_first_on_channel(const QueuedCommand& queued) {
  for (const QueuedCommand& other : queue_.in_order()) {
    if (&other == &queued) return true;
    const bool ahead = other.stage == Stage::waiting || other.stage == Stage::driving;
    if (ahead && other.command.channel == queued.command.channel) return false;
  }
  return true;
}

bool Controller::is_driving(device::ChannelIndex channel) {
  for (const QueuedCommand& queued : queue_.in_order())
    if (queued.stage == Stage::driving && queued.command.channel == channel) return true;
  return false;
}

void Controller::supersede(device::ChannelIndex channel, std::string_view why) {
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.stage == Stage::verifying && queued.command.channel == channel)
      fail(queued, {Reason::superseded, why});
  }
}

void Controller::refuse_waiting() {
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.stage == Stage::waiting)
      fail(queued, {Reason::stopped, "the device is shutting down; it was not carried out"});
  }
}

Instant Controller::next_deadline(const QueuedCommand& queued) const {
  switch (queued.stage) {
    case Stage::waiting: return queued.command.deadline;
    case Stage::driving: return queued.command.deadline + kPortGrace + Duration{1};
    case Stage::verifying:
      return queued.applied_at + roster_.channels()[queued.command.channel].output->feedback->within;
    default: return kNever;
  }
}

bool Controller::make_safe(Instant now) {
  if (!stopping_) refuse_waiting();
  stopping_ = true;
  bool all_arrived = true;
  const std::span<const device::Channel> channels = roster_.channels();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto index = static_cast<device::ChannelIndex>(i);
    device::Actuator* actuator = roster_.actuator(index);
    if (actuator == nullptr) continue;
    const bool busy = actuator->driven() == hal::Completion::pending || is_driving(index);
    if (!busy && !made_safe_.test(i)) {
      supersede(index, "applied, but the device is shutting down and makes the output safe");
      actuator->drive(channels[i].uncalibrate(channels[i].output->safe), now + kSafeWithin);
      made_safe_.set(i);
    }
    if (busy || actuator->driven() == hal::Completion::pending) all_arrived = false;
  }
  queue_.remove_finished();
  return all_arrived;
}

}  // namespace signalbox::control
