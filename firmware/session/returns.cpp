#include "session/returns.hpp"

#include <charconv>
#include <utility>

namespace signalbox::session {
namespace {

/// The session of that id, `index-generation`; its token has proven that we gave it out.
Handle handle_of(std::string_view id) {
  Handle handle;
  const char* end = id.data() + id.size();
  const auto index = std::from_chars(id.data(), end, handle.index);
  if (index.ptr != end) std::from_chars(index.ptr + 1, end, handle.generation);
  return handle;
}

}  // namespace

void Returns::serve(const Exchange& exchange, const protocol::Resume& resume) {
  Session& session = exchange.session;
  const auto name = format_text<127>("%s/%s/%s", context_.epoch.c_str(), resume.session.c_str(),
                                     rights_name(*session.who()).c_str());
  if (!tokens_.is_of_session(name, resume.token))
    return exchange.fail({Reason::forbidden, "not the token of that session in this run of the device",
                          "payload.sessionToken"});
  if (resume.offset.value_or(0) > context_.values.offset())
    return exchange.fail({Reason::out_of_range,
                          "this epoch has not come to that offset; expected one that was told in it",
                          "payload.offset"});
  if (session.outbox.free_places() < SubscriptionList::kMax)
    return exchange.fail({Reason::busy, "too many answers are waiting; take them first", {}, 100});
  // They are of the holder that it no longer is then.
  if (session.commands_in_flight > 0)
    return exchange.fail(
        {Reason::busy, "commands of this session are under way; wait for their end", {}, 100});
  std::optional<Parked> kept = take_over(session, handle_of(resume.session));
  if (!kept)
    return exchange.fail(
        {Reason::not_found, "too late: what that session held was given up", "payload.session"});
  // It acts for that holder from now on, and takes along what it holds by itself.
  const control::Holder own = std::exchange(session.holder, kept->holder);
  controller_.authority().merge(own, session.actor());
  telemetry_gate_.go_on(exchange, kept->subscriptions, resume.offset);
  people_.returned(session, kept->groups, resume.offset, exchange.now);  // an event of after what was missed
}

/// What that session held, from those who are gone or from one whose connection may be half dead: whoever
/// knows the token is the session now.
std::optional<Parked> Returns::take_over(const Session& session, Handle earlier) {
  Session* old = sessions_.find(earlier);
  if (old == nullptr || old == &session || old->holder == control::kNobody) return parking_.take(earlier);
  const Parked kept{.session = earlier,
                    .holder = std::exchange(old->holder, control::kNobody),
                    .groups = std::exchange(old->groups, 0),
                    .subscriptions = publisher_.subscriptions_of(*old)};
  if (old->ending == Ending::none) old->end_with({1000, "resumed on another connection"});
  deadlines_.at_once(earlier.index);
  return kept;
}

void Returns::keep(const Session& gone, Instant now) {
  // Whose handshake was never answered has no token to return with.
  if (gone.phase == Phase::upgrade || !gone.principal || gone.holder == control::kNobody) return;
  const SubscriptionList subscriptions = publisher_.subscriptions_of(gone);
  const bool converses = gone.dialect->converses();
  // A command under way may take a lease yet.
  const bool holds_anything = gone.groups != 0 || (converses && !subscriptions.all().empty()) ||
                              gone.commands_in_flight > 0 || controller_.authority().has_any(gone.holder);
  // A lease goes on, though nobody can come back to it.
  if (!converses && !holds_anything) return;
  parking_.park({.session = gone.handle,
                 .holder = gone.holder,
                 .groups = gone.groups,
                 .subscriptions = subscriptions,
                 .name = gone.principal->name,
                 .credential = gone.principal->credential,
                 .key = gone.principal->key,
                 .certificate = gone.principal->certificate},
                holds_anything, now, [&](const Parked& late) { let_go(late, now); });
}

void Returns::step(Instant now) {
  parking_.step(now, [&](const Parked& late) { let_go(late, now); });
}

void Returns::let_go(const Parked& gone, Instant now) {
  controller_.authority().leave(gone.holder, now);
  people_.release(gone.groups);
}

void Returns::give_up(Session& session, Instant now) {
  if (session.holder != control::kNobody) controller_.dismiss(session.holder, now);
  session.holder = control::kNobody;
  people_.release(std::exchange(session.groups, 0));
}

}  // namespace signalbox::session
