#include "machine/machine.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>

#include "machine/journal_feed.hpp"
#include "telemetry/restoration.hpp"

namespace signalbox::machine {
namespace {

/// What was in the history's log, as far as somebody should know.
void tell(const telemetry::Restoration::Found& found) {
  if (found.last_run > 0)
    log(Severity::info, "history: %" PRIu64 " samples of earlier runs are back%s", found.samples,
        found.is_cut_off ? "; the last run was cut off, what it had not written yet is missing" : "");
  if (found.damaged > 0)
    log(Severity::warning, "history: %" PRIu64 " bytes of it are damaged%s and left out", found.damaged,
        found.is_other_version ? ", or of another version of the firmware," : "");
  if (found.strange > 0)
    log(Severity::warning,
        "history: samples of channels that the device file does not declare, or with another kind, unit or "
        "labels, are left out");
  if (found.undated > 0)
    log(Severity::warning,
        "history: samples of %" PRIu64 " runs in which the clock was never set are left out", found.undated);
}

}  // namespace

Machine::Machine(const Memory& memory, hal::Platform& platform, trust::Tokens& tokens,
                 const protocol::Limits& limits, std::string_view epoch)
    : platform_{platform},
      limits_{limits},
      roster_{memory.channels, memory.parts},
      values_{memory.latest},
      history_{memory.history},
      history_log_{memory.history_log, {roster_, values_, history_}},
      alarms_{roster_, values_, memory.alarms, *this},
      news_{memory.news, values_},
      log_tail_{news_, clock_},
      journal_{memory.journal},
      context_{roster_,     values_, history_, alarms_,           limits_,   clock_,       news_,
               controller_, *this,   epoch,    SIGNALBOX_VERSION, &journal_, &reload_desk_},
      sampler_{roster_, values_, history_, platform.ports().simulated},
      sessions_{context_, memory.sessions, controller_, tokens},
      controller_{roster_, values_, memory.control, sessions_, *this},
      reload_{{roster_, sampler_, alarms_, controller_, platform}, memory.reload} {
  controller_.authority().connect(*this);
}

void Machine::keep_history(hal::AppendLog& log, const KeptHistory& kept, Instant now) {
  clock_.at = now;  // lines of the log are of now
  telemetry::Restoration restoration{log, history_log_.memory(), {roster_, values_, history_}, kept.earliest};
  const Result<telemetry::Restoration::Found> found = restoration(now);
  if (!found) {
    signalbox::log(Severity::error, "history: %s; it goes on from here, in memory alone",
                   found.error().detail.c_str());
    return;
  }
  tell(*found);
  history_log_.open(log, found->last_run + 1, kept.every, now);
}

Result<void> Machine::start(Instant now) {
  clock_.at = now;
  const bool stopped = journal_.is_stop_latched();
  const Result<void> started = roster_.start(platform_.ports(), stopped);
  if (!started) return started;
  controller_.begin(now, stopped);
  if (stopped) log(Severity::warning, "the device was stopped before this start; it stays so until reset");
  return started;
}

/// However it was stopped: by a message or by a button.
void Machine::do_stop_changed(const control::StopChange& change) {
  protocol::Event event{.at = change.at,
                        .name = change.stopped ? "stopped" : "reset",
                        .severity = change.stopped ? Severity::error : Severity::warning};
  event.by = change.by.name;
  event.session = change.by.session;
  news_.add(event);
  journal_.append(record_of(change, clock_));
}

/// What is acknowledged meanwhile, a stop too, may not outlive a restart.
void Machine::tell_journal(Instant now) {
  journal_troubled_ = journal_.is_troubled();
  news_.add({.at = now,
             .name = journal_troubled_ ? "journalFailed" : "journalRecovered",
             .severity = journal_troubled_ ? Severity::error : Severity::info});
}

void Machine::do_baton_moved(std::string_view group, const control::Actor& holder, Instant at) {
  protocol::Event event{.at = at, .name = "batonMoved"};
  event.group = group;
  event.holder = holder.name;
  event.holder_session = holder.session;
  news_.add(event);
}

/// Everybody who may read a channel may know what moved it.
void Machine::do_actuated(const control::Actuation& actuation) {
  const bool by_itself = actuation.cause != control::Cause::command;
  protocol::Event event{.at = actuation.at,
                        .name = actuation.failed ? "notActuated" : "actuated",
                        .severity = by_itself || actuation.failed ? Severity::warning : Severity::info,
                        .channel = actuation.channel,
                        .cause = control::wire_name(actuation.cause)};
  event.by = actuation.actor.name;
  event.session = actuation.actor.session;
  event.before = actuation.before;
  // What a toggle would have brought, had its turn come, or what was no value of that channel, is not told.
  if (device::kind_of(actuation.after) == roster_.channels()[actuation.channel].kind)
    event.after = actuation.after;
  event.reason = actuation.failed;
  news_.add(event);
  journal_.append(record_of(actuation, roster_.channels()[actuation.channel], clock_));
}

std::uint64_t Machine::do_alarm_changed(const telemetry::AlarmChange& change) {
  using Kind = telemetry::AlarmChange::Kind;
  constexpr std::array<std::string_view, 3> kNames{"alarmRaised", "alarmAcknowledged", "alarmCleared"};
  const bool is_raised = change.kind == Kind::raised;
  protocol::Event event{.at = change.at,
                        .name = kNames[static_cast<std::size_t>(change.kind)],
                        .severity = is_raised ? alarms_.rule(change.alarm).severity : Severity::info,
                        .channel = change.alarm.channel,
                        .alarm = change.name};
  event.raised = change.raised;
  if (change.kind == Kind::acknowledged) {
    event.by = change.by.name;
    event.session = change.by.session;
    journal_.append(record_of(change, roster_.channels()[change.alarm.channel], clock_));
  } else {
    const device::Latest& latest = values_.of(change.alarm.channel);
    if (latest.was_read) event.after = latest.sample.value;
    event.quality = latest.sample.quality;
  }
  return news_.add(event);
}

void Machine::reload(const Result<std::string_view>& text, device::Catalogue catalogue, Instant now) {
  next_ = now;
  reload_desk_.take();
  if (!text) return end_reload(text.error(), now);
  const Result<void> begun = reload_.begin(*text, catalogue, reload_desk_.by(), now);
  if (!begun) end_reload(begun, now);
}

void Machine::end_reload(const Result<void>& outcome, Instant now) {
  const control::Actor by = reload_desk_.by();
  const FixedText<36> trace_id = reload_desk_.trace_id();
  const std::optional<session::Waiter> waiter = reload_desk_.end();
  if (outcome) {
    protocol::Event event{.at = now, .name = "reloaded"};
    event.by = by.name;
    event.session = by.session;
    news_.add(event);
    journal_.append(record_of_reload(by, trace_id, now, clock_));
  } else {
    log(Severity::error, "device file not reloaded, the present one stays: %s",
        outcome.error().detail.c_str());
  }
  if (!waiter) return;
  if (outcome)
    sessions_.deliver(*waiter, protocol::Ack{protocol::Ack::Outcome::reloaded});
  else
    sessions_.deliver(*waiter, protocol::Failure{outcome.error()});
}

Instant Machine::step(Instant now, WallTime wall) {
  clock_ = {now, wall};
  platform_.poll(now);
  Instant next = sampler_.step(now);
  next = std::min(next, alarms_.step(now));
  next = std::min(next, controller_.step(now));
  if (const auto outcome = reload_.step(now)) {
    end_reload(*outcome, now);
    next = now;  // parts that have just begun are stepped next
  }
  next = std::min(next, reload_.next());
  if (stopping_) outputs_safe_ = controller_.shut_down(now);
  next = std::min(next, sessions_.step(now));
  if (is_at_rest() && !logs_closed_) {
    journal_.close(now, wall);
    history_log_.close(now);
    logs_closed_ = true;
  }
  next = std::min(next, journal_.step(now));
  next = std::min(next, history_log_.step(now, clock_));
  if (journal_.is_troubled() != journal_troubled_) {
    tell_journal(now);
    next = now;  // sessions are told next
  }
  next_ = std::min(next, platform_.next());  // asked last: the steps above submit
  return std::max(now, Machine::next());
}

void Machine::stop(std::string_view reason, Instant now) {
  stopping_ = true;
  next_ = now;
  reload_.give_up();
  if (!reload_desk_.is_idle()) end_reload(Error{Reason::stopped, "the device is shutting down"}, now);
  outputs_safe_ = controller_.shut_down(now);
  constexpr std::uint32_t kRestart_ms = 2000;
  sessions_.drain_all(reason, kRestart_ms, now);
}

}  // namespace signalbox::machine
