#pragma once

#include <optional>
#include <span>

#include "base/instant.hpp"
#include "control/controller.hpp"
#include "protocol/messages/resume.hpp"
#include "session/context.hpp"
#include "session/deadlines.hpp"
#include "session/exchange.hpp"
#include "session/parking.hpp"
#include "session/people.hpp"
#include "session/publisher.hpp"
#include "session/telemetry_gate.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// What a session holds beyond its connection: leases, batons, groups and subscriptions. Keeps that of
/// sessions that are gone, hands it to the session that resumes theirs, and gives up what nobody came back
/// for in time or what nobody may come back for.
class Returns {
 public:
  Returns(const Context& context, Sessions& sessions, control::Controller& controller, Publisher& publisher,
          TelemetryGate& telemetry_gate, People& people, const trust::Tokens& tokens, Deadlines& deadlines,
          std::span<Parked> memory)
      : context_{context},
        sessions_{sessions},
        controller_{controller},
        publisher_{publisher},
        telemetry_gate_{telemetry_gate},
        people_{people},
        tokens_{tokens},
        deadlines_{deadlines},
        parking_{memory} {}

  /// The session goes on where the earlier one stopped.
  void serve(const Exchange& exchange, const protocol::Resume& resume);
  /// The session is gone: what it held is kept for its return, if it may return.
  void keep(const Session& gone, Instant now);
  /// Gives up what nobody came back for in time.
  void step(Instant now);
  /// When there is something to give up next.
  Instant next() const { return parking_.next(); }

  /// What the session holds is safe at once, and nobody's any more.
  void give_up(Session& session, Instant now);
  /// The same with what is kept of those who are gone and of whom `is_void(principal)` holds. Of a principal
  /// there, its name and rights are not known.
  template <typename IsVoid>
  void give_up_kept_if(IsVoid&& is_void, Instant now) {
    parking_.drop_if(
        [&](const Parked& parked) {
          Principal who{{}, {}, parked.credential, parked.key};
          who.certificate = parked.certificate;
          return is_void(who);
        },
        [&](const Parked& gone) {
          controller_.dismiss(gone.holder, now);
          people_.release(gone.groups);
        });
  }

 private:
  std::optional<Parked> take_over(const Session& session, Handle earlier);
  void let_go(const Parked& gone, Instant now);

  const Context& context_;
  Sessions& sessions_;
  control::Controller& controller_;
  Publisher& publisher_;
  TelemetryGate& telemetry_gate_;
  People& people_;
  const trust::Tokens& tokens_;
  Deadlines& deadlines_;
  Parking parking_;
};

}  // namespace signalbox::session
