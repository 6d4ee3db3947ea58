#pragma once

#include <optional>
#include <span>

#include "control/command.hpp"
#include "control/controller.hpp"
#include "session/answer_memory.hpp"
#include "session/context.hpp"
#include "session/control_gate.hpp"
#include "session/deadlines.hpp"
#include "session/door.hpp"
#include "session/publisher.hpp"
#include "session/request_rates.hpp"
#include "session/router.hpp"
#include "session/sender.hpp"
#include "session/session.hpp"
#include "session/token_desk.hpp"
#include "trust/login_throttle.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// All sessions and what happens to them: the firmware's side of the door.
class SessionTable final : public Door, public control::CommandListener {
 public:
  struct Memory {
    std::span<Sessions::Slot> sessions;
    std::span<Instant> deadlines;     ///< as many
    std::span<AnswerPlace> places;    ///< sessions × answers of each
    std::span<FrameId> waiting;       ///< sessions × waiting telemetry frames of each
    std::span<protocol::Fold> folds;  ///< sessions × channels
    std::span<FramePool::Frame> frames;
    std::span<char> frame_bytes;
    std::span<FramePool::Frame> inboxes;
    std::span<char> inbox_bytes;
    AnswerMemory::Memory answers;  ///< for repeats of commands
    std::span<Parked> parked;      ///< sessions that may return
    Publisher::Memory publisher;
    trust::LoginThrottle::Memory logins = {};
    std::span<RequestRates::Place> request_rates = {};
  };

  SessionTable(const Context& context, const Memory& memory, control::Controller& controller,
               trust::Tokens& tokens);

  /// The wire must be set before the first arrival.
  void connect(Wire& wire) {
    wire_ = &wire;
    token_desk_.connect(wire);
  }

  /// Publishes what is due and looks for timeouts; returns when something is due again, unless `next` has
  /// come before.
  Instant step(Instant now);
  /// When a session has to be looked at, as far as is known by now.
  Instant next() const { return deadlines_.first(); }
  /// Whether more came since the last step than what changes nothing: pings, messages that are not whole,
  /// and sockets that take what they are owed.
  bool is_touched() const { return touched_ || news_told_ != context_.news.count(); }
  /// Says goodbye to everyone and lets nobody in any more; the wire then drains. `retry_after_ms` tells when
  /// to return.
  void drain_all(std::string_view reason, std::uint32_t retry_after_ms, Instant now);

  /// Puts an answer where it is waited for; nowhere if nobody does any more.
  void deliver(const Waiter& waiter, const protocol::Told& answer);

  /// What each piece of a message, ping or pong costs beside its bytes, where bytes are limited: a byte alone
  /// in a frame costs as much time as a hundred in one.
  static constexpr std::uint32_t kPieceCost_bytes = 64;

  std::size_t count() const { return sessions_.gauge().used; }
  /// Whether a change of tokens, be it of somebody who is gone, is not saved yet.
  bool is_saving() const { return token_desk_.is_busy(); }
  const PoolGauge& sessions_gauge() const { return sessions_.gauge(); }
  const FramePool& frames() const { return frames_; }
  const FramePool& inboxes() const { return inboxes_; }
  const Publisher& publisher() const { return publisher_; }
  const AnswerMemory& answers() const { return answers_; }
  const LifeCounts& life_counts() const { return life_; }
  const trust::LoginThrottle& logins() const { return login_.throttle(); }
  std::uint64_t wrong_claims() const { return tokens_.wrong_claims(); }
  /// Requests that were answered `busy` since their session, or credential, asked too fast.
  std::uint64_t too_fast() const { return router_.too_fast() + request_rates_.too_fast(); }
  const CommandCounts& command_counts() const { return control_gate_.counts(); }
  /// How often reading from a session paused since it had sent too much.
  std::uint64_t reading_paused() const { return reading_paused_; }
  /// Frames held by sessions and for them, counted one by one, to hold against the pool's own count.
  std::size_t holders();

 private:
  LifeCounts& do_life() override { return life_; }
  Result<Handle> do_admit(const Arrival& arrival, Instant now) override;
  std::optional<Error> do_refusal(Handle handle) override;
  Health do_health(Instant now) override;
  std::optional<WallTime> do_wall_time(Instant now) override;
  Result<void> do_stop(const Caller& caller, Instant now) override;
  Result<std::string_view> do_thing(const Caller& caller, std::string_view socket_url, Instant now) override;
  Result<std::int64_t> do_log_in(const Caller& caller, Instant now) override;
  Result<void> do_claim(ConnectionId connection, const Caller& caller, std::string_view body,
                        Instant now) override {
    touched_ = true;
    return login_.claim(connection, caller, body, now);
  }
  void do_opened(Handle handle, Instant now) override;
  Reading do_received(Handle handle, std::string_view part, bool first, bool last, Instant now) override;
  void do_refuse(Handle handle, std::uint16_t close_code, std::string_view why, Instant now) override;
  void do_dismiss(Handle handle, std::string_view why, Instant now) override {
    touched_ = true;
    token_desk_.dismiss(sessions_.at(handle), why, now);
  }
  void do_dismiss_certified(std::string_view certificate, Instant now) override {
    touched_ = true;
    token_desk_.dismiss_certified(certificate, now);
  }
  Reading do_heard(Handle handle, Instant now) override;
  Outgoing do_next(Handle handle, std::span<char> into, Instant now) override;
  void do_closed(Handle handle, Instant now) override;
  void do_progressed(const control::Progressed& progressed) override;

  void make_way();
  bool is_over(const Session& session) const;
  void welcome(Session& session, Instant now);
  Result<Principal> permitted(const Result<Principal>& who, std::string_view operation, Instant now) const;
  Result<Principal> in_time(const Result<Principal>& who, Instant now);
  void take_message(Session& session, const Inbox::Taken& taken, Instant now);
  void tell_news(Instant now);
  Rate request_rate() const { return {context_.limits.requests_per_s, context_.limits.requests_per_s}; }
  Rate byte_rate() const { return {context_.limits.bytes_per_s, context_.limits.bytes_per_s}; }
  static constexpr std::uint32_t kFullRetry_ms = 5000;

  /// How long what is owed may stay unread, and a message incomplete.
  Duration patience() const { return from_ms(context_.limits.unread_after_ms); }
  void charge(Session& session, std::size_t bytes, Instant now);
  void pause(Session& session, Instant now);
  void resume_reading(Session& session, Instant now);
  void settle(Session& session, Instant now);
  /// It has something to say.
  void ask_to_write(Session& session, Instant now);
  /// Begins to close it where it was told to.
  void heed_closing(Session& session, Instant now);
  void close(Session& session, const Closing& closing, Instant now);
  void enter(Session& session, Phase phase, Instant now);
  void heed_clock();
  Instant watch(Session& session, Instant now);

  const Context& context_;
  Sessions sessions_;
  Deadlines deadlines_;
  std::span<AnswerPlace> places_;
  std::span<FrameId> waiting_;
  std::span<protocol::Fold> folds_;
  FramePool frames_;
  FramePool inboxes_;
  LifeCounts life_;
  bool touched_ = true;
  Publisher publisher_;
  Sender sender_;
  AnswerMemory answers_;
  People people_;
  TelemetryGate telemetry_gate_;
  ControlGate control_gate_;
  Returns returns_;
  TokenDesk token_desk_;
  Login login_;
  RequestRates request_rates_;
  Router router_;
  const trust::Tokens& tokens_;
  Wire* wire_ = nullptr;
  std::int64_t clock_began_ms_ = 0;  ///< what the clock would have read at the beginning of monotonic time
  std::uint64_t news_told_ = 0;      ///< up to how many everybody was woken
  std::uint64_t reading_paused_ = 0;
  std::optional<Closing> leaving_;  ///< after `drain_all`: what everybody is told
};

}  // namespace signalbox::session
