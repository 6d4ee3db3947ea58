#pragma once

#include <span>

#include "base/instant.hpp"
#include "control/actuation.hpp"
#include "control/controller.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "hal/platform.hpp"
#include "journal/journal.hpp"
#include "machine/reload.hpp"
#include "protocol/view.hpp"
#include "session/context.hpp"
#include "session/log_tail.hpp"
#include "session/session_table.hpp"
#include "telemetry/alarms.hpp"
#include "telemetry/history.hpp"
#include "telemetry/history_log.hpp"
#include "telemetry/sampler.hpp"
#include "trust/tokens.hpp"

namespace signalbox::machine {

/// Owns the rooms and steps them. Knows no clock, no socket and no board: a wire comes to its door, a
/// platform is handed in, and each step is told the time.
class Machine final : private control::ActuationListener,
                      private control::BatonListener,
                      private telemetry::AlarmListener {
 public:
  /// Places for everything, lent by the root; `storage<Budget>` makes one.
  struct Memory {
    std::span<device::Channel> channels;
    std::span<device::Part> parts;
    std::span<device::Latest> latest;
    telemetry::History::Memory history;
    std::span<telemetry::Alarms::OfChannel> alarms;
    control::Controller::Memory control;
    session::News::Memory news;
    session::SessionTable::Memory sessions;
    journal::Journal::Memory journal = {};
    Reload::Memory reload = {};
    telemetry::HistoryLog::Memory history_log = {};
  };

  Machine(const Memory& memory, hal::Platform& platform, trust::Tokens& tokens,
          const protocol::Limits& limits, std::string_view epoch);

  /// To be filled from the device file before `start`.
  device::Roster& roster() { return roster_; }
  /// Lets the journal go on where the log ends; without it the journal is in memory alone. Before `start`.
  Result<void> keep_journal(hal::AppendLog& log, WallTime wall) {
    return journal_.open(log, {context_.epoch, context_.firmware_version, wall});
  }
  /// How the history outlives restarts.
  struct KeptHistory {
    Duration every{};     ///< a piece is written; see telemetry::HistoryLog
    WallTime earliest{};  ///< a clock that is before that was never set
  };
  /// Brings back what is in the log and goes on there; without it the history is in memory alone. Where the
  /// log cannot be read, or not all of it, that is told and the device starts all the same. Between the
  /// device file and `start`; may block.
  void keep_history(hal::AppendLog& log, const KeptHistory& kept, Instant now);
  /// Starts the parts; outputs hold their initial values from then on, or their safe ones where the journal
  /// says that the device was stopped. The error names the part.
  Result<void> start(Instant now);

  session::Door& door() { return sessions_; }
  void connect(session::Wire& wire) { sessions_.connect(wire); }
  /// What `/metrics` tells beside what the sessions know; stays.
  void connect(const session::Vitals& vitals) { context_.vitals = &vitals; }

  /// Does what is due, bounded; returns when something is due again.
  Instant step(Instant now, WallTime wall);
  /// Whether a step would do anything: something is due, or somebody wants more than an echo.
  bool has_work(Instant now) const { return now >= next(); }
  /// When something is due, as the last step told or by what came since.
  Instant next() const { return sessions_.is_touched() ? Instant::min() : std::min(next_, sessions_.next()); }

  /// Asks that the device file be read again, as a session can. The machine reads no files: its owner looks
  /// whether it `wants_device_file`, and hands in the text by `reload`, or why it cannot be read. The outcome
  /// goes to whoever asked, into the log, and out as the event `reloaded`.
  void ask_reload() {
    reload_desk_.ask();
    next_ = {};
  }
  bool wants_device_file() const { return reload_desk_.is_asked() && !stopping_; }
  void reload(const Result<std::string_view>& text, device::Catalogue catalogue, Instant now);

  /// Brings outputs to their safe values and says goodbye to everyone.
  void stop(std::string_view reason, Instant now);
  /// After `stop`: outputs are safe, all sessions gone, tokens saved, and the logs have it all.
  bool is_stopped() const {
    return is_at_rest() && journal_.is_settled(clock_.at) && history_log_.is_settled(clock_.at) &&
           !sessions_.is_saving();
  }

  session::SessionTable& sessions() { return sessions_; }
  const control::Controller& controller() const { return controller_; }
  const device::Values& values() const { return values_; }
  const telemetry::History& history() const { return history_; }
  const telemetry::HistoryLog& history_log() const { return history_log_; }
  const session::News& news() const { return news_; }
  journal::Journal& journal() { return journal_; }

 private:
  void do_actuated(const control::Actuation& actuation) override;
  void do_stop_changed(const control::StopChange& change) override;
  void do_baton_moved(std::string_view group, const control::Actor& holder, Instant at) override;
  std::uint64_t do_alarm_changed(const telemetry::AlarmChange& change) override;
  void tell_journal(Instant now);
  void end_reload(const Result<void>& outcome, Instant now);
  bool is_at_rest() const { return stopping_ && outputs_safe_ && sessions_.count() == 0; }

  hal::Platform& platform_;
  protocol::Limits limits_;
  WallClock clock_;
  Instant next_{};
  device::Roster roster_;
  device::Values values_;
  telemetry::History history_;
  telemetry::HistoryLog history_log_;
  telemetry::Alarms alarms_;
  session::News news_;
  session::LogTail log_tail_;
  journal::Journal journal_;
  session::ReloadDesk reload_desk_;
  session::Context context_;
  telemetry::Sampler sampler_;
  session::SessionTable sessions_;
  control::Controller controller_;
  Reload reload_;
  bool stopping_ = false;
  bool outputs_safe_ = false;
  bool logs_closed_ = false;
  bool journal_troubled_ = false;  ///< and that was told
};

}  // namespace signalbox::machine
