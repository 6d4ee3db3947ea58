// How a command that was handed to the hardware ends.
#include "control/controller.hpp"
#include "control/outcome.hpp"

namespace signalbox::control {

void Controller::take_all_driven(Instant now) {
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.stage != Stage::driving) continue;
    for (const Write& write : queued.command.all())
      if (!authority_.may_move(write.channel, queued.command.actor.holder, now))
        withdraw(queued,
                 {Reason::held, "withdrawn before it reached the hardware: somebody else has the baton now"});
    take_driven(queued, now);
  }
}

/// What has reached the hardware stays.
void Controller::withdraw(QueuedCommand& queued, const Withdrawal& why) {
  if (queued.withdrawn) return;
  queued.withdrawn = why;
  for (const Write& write : queued.command.all()) outputs_.withdraw(write.channel);
}

void Controller::take_driven(QueuedCommand& queued, Instant now) {
  bool all_done = true;
  bool all_final = true;
  for (const Write& write : queued.command.all()) {
    if (outputs_.is_moving(write.channel, now)) all_final = false;
    if (outputs_.driven(write.channel) != hal::Completion::done) all_done = false;
  }
  if (all_done) return applied(queued, now);
  if (all_final || now - queued.command.deadline > kPortGrace) not_applied(queued, now);
}

void Controller::applied(QueuedCommand& queued, Instant now) {
  bool provable = false;
  for (std::size_t i = 0; i < queued.command.writes_count; ++i) {
    const device::ChannelIndex channel = queued.command.writes[i].channel;
    conclude(queued, i, hal::Completion::done, now);
    if (outputs_.rules(channel).feedback) provable = true;
    report(queued, i, std::nullopt, now);
  }
  queued.applied_at = now;
  queued.stage = Stage::verifying;
  climb(queued, device::Rung::applied, !provable);
}

/// What never reached the hardware leaves the lease, too, as it was.
void Controller::conclude(const QueuedCommand& queued, std::size_t place, hal::Completion completion,
                          Instant now) {
  const Write& write = queued.command.writes[place];
  outputs_.conclude(write.channel, completion, now);
  const bool never = completion == hal::Completion::timed_out;
  if (never ? queued.new_leases[place] : write.action == Write::Action::release)
    authority_.end_lease(write.channel);
}

/// All or none: where one output could not be moved, those that may have been go to their safe values. So
/// does one that was to become safe, until it is.
void Controller::not_applied(QueuedCommand& queued, Instant now) {
  std::array<Refusal, kWritesMax> refusals{};
  std::size_t refused = 0;
  Error first{};
  for (std::size_t i = 0; i < queued.command.writes_count; ++i) {
    const device::ChannelIndex channel = queued.command.writes[i].channel;
    const hal::Completion completion = outputs_.driven(channel);
    const bool done = completion == hal::Completion::done;
    const bool never = completion == hal::Completion::timed_out;
    const Error error = done ? Error{} : error_of(queued, channel, completion);
    report(queued, i, done ? std::nullopt : std::optional{error.reason}, now);
    conclude(queued, i, completion, now);
    const bool to_safe = queued.planned[i].value == outputs_.rules(channel).safe;
    if (!never && (queued.command.writes_count > 1 || to_safe))
      failsafe_.make_safe(channel, Cause::command, queued.command.actor, now);
    if (done) continue;
    if (refused == 0) first = error;
    refusals[refused++] = {channel, error.reason};
  }
  fail(queued, first, std::span{refusals}.first(refused));
}

Error Controller::error_of(const QueuedCommand& queued, device::ChannelIndex channel,
                           hal::Completion completion) const {
  if (queued.withdrawn && completion == hal::Completion::timed_out)
    return {queued.withdrawn->reason, queued.withdrawn->words};
  return control::error_of(completion, failsafe_.cause_of(channel));
}

void Controller::verify(QueuedCommand& queued, Instant now) {
  bool all_agree = true;
  for (std::size_t i = 0; i < queued.command.writes_count; ++i) {
    const Planned& planned = queued.planned[i];
    const auto& feedback = outputs_.rules(planned.channel).feedback;
    if (!feedback) continue;
    const device::Sample& seen = outputs_.latest(feedback->channel).sample;
    if (seen.taken_at > queued.applied_at && device::is_usable(seen.quality) &&
        agrees(*feedback, planned.value, seen))
      continue;
    all_agree = false;
    if (now < queued.applied_at + feedback->within) continue;
    Error error{Reason::mismatch, {}};
    error.detail = format_text<95>("applied, but %s did not agree in time",
                                   outputs_.channel(feedback->channel).path.c_str());
    report(queued, i, Reason::mismatch, now);
    const Refusal refusal{planned.channel, Reason::mismatch};
    fail(queued, error, {&refusal, 1});
    return;
  }
  if (all_agree) climb(queued, device::Rung::verified, true);
}

/// Answered at the rung that was asked for; whether the feedback agrees is watched all the same.
void Controller::climb(QueuedCommand& queued, device::Rung rung, bool top) {
  const bool final = top || rung >= queued.command.until;
  if (!queued.answered) listener_.progressed({queued.command.answer_to, rung, final, std::nullopt});
  queued.answered = queued.answered || final;
  if (top) queued.stage = Stage::finished;
}

void Controller::fail(QueuedCommand& queued, const Error& error, Refusals refusals) {
  const bool several = queued.command.writes_count > 1;
  if (!queued.answered)
    listener_.progressed(
        {queued.command.answer_to, device::Rung::accepted, true, error, several ? refusals : Refusals{}});
  queued.stage = Stage::finished;
}

void Controller::fail_unmoved(QueuedCommand& queued, const Error& error, Instant now, Refusals refusals) {
  for (std::size_t i = 0; i < queued.command.writes_count; ++i) report(queued, i, error.reason, now);
  fail(queued, error, refusals);
}

void Controller::report(const QueuedCommand& queued, std::size_t place, std::optional<Reason> failed,
                        Instant now) {
  const device::ChannelIndex channel = queued.command.writes[place].channel;
  const bool moved = queued.stage != Stage::waiting;
  const OutputState& output = outputs_.state(channel);
  actuations_.actuated({.asked_at = queued.command.asked_at,
                        .at = now,
                        .channel = channel,
                        .cause = Cause::command,
                        .actor = queued.command.actor,
                        .trace_id = queued.command.trace_id,
                        .before = moved ? output.before.value : output.now.value,
                        .after = moved ? output.now.value : queued.command.writes[place].value,
                        .failed = failed});
}

}  // namespace signalbox::control
