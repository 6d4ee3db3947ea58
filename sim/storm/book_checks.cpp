// What the answers say: payloads held against what was asked and what is.
#include <algorithm>
#include <cmath>

#include "sim/storm/book.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;
using device::ChannelIndex;

}  // namespace

/// Refusals that only the device can know the reason of; the outputs show whether it was right.
bool Book::is_excused(const Asked& asked, std::string_view reason) const {
  // Where its answer is kept is looked for before anything else.
  if (asked.command.is_named && reason == "busy") return true;
  if (asked.kind == Kind::repeat) return asked.expected.empty();  // held against the first answer
  if (asked.kind != Kind::command) return false;
  if (reason == "conflict") return true;  // held against its versions
  // A lease it lacks is told before its time.
  const bool good = asked.expected.empty() || asked.expected == "expired";
  return witness_.guarded && good && is_one_of(reason, {"held", "interlocked", "malformed", "stopped"});
}

/// A write whose version had passed is refused for that, unless something forbids it before; one whose
/// version stayed is not.
void Book::check_version(const Asked& asked, std::string_view reason) const {
  const std::vector<AskedCommand::Move>& moves = asked.command.moves;
  if (asked.command.is_stale()) {
    const bool has_moved = is_one_of(reason, {"superseded", "mismatch"});
    const bool is_other =
        moves.size() == 1 && !asked.command.toggles() && is_one_of(reason, {"failed", "interlocked"});
    if (has_moved || is_other)
      fail("%s: %.*s, but its version was stale", asked.id.c_str(), length(reason), reason.data());
  }
  const bool may_differ = std::any_of(moves.begin(), moves.end(), [this](const AskedCommand::Move& move) {
    const std::uint64_t version = witness_.values.of(bench::channel_of(move.output)).version;
    return move.if_version && (*move.if_version != move.version_then || *move.if_version != version);
  });
  if (reason == "conflict" && !may_differ)
    fail("%s: conflict, but every version is as asked for", asked.id.c_str());
}

void Book::check_failure(const Asked& asked, JsonView payload) const {
  const std::string_view reason = payload["reason"].plain();
  const char* id = asked.id.c_str();
  const auto length = static_cast<int>(reason.size());
  if (payload["detail"].plain().empty()) fail("%s: an error without words", id);
  if (asked.kind == Kind::command) check_version(asked, reason);
  if (tongue_.is_http() && asked.in_pieces && reason == "overloaded")
    return;  // no room for what came in pieces
  const bool needs_credential = !is_one_of(reason, {asked.expected}) && !asked.was_authenticated &&
                                asked.kind != Kind::authenticate && asked.kind != Kind::ping;
  if (needs_credential) {
    if (reason != "unauthenticated") fail("%s: %.*s without a credential", id, length, reason.data());
  } else if (is_excused(asked, reason)) {
    return;
  } else if (!asked.expected.empty()) {
    if (reason != asked.expected)
      fail("%s: %.*s instead of %s", id, length, reason.data(), asked.expected.c_str());
  } else if (asked.kind == Kind::subscribe) {
    const bool superseded = asked.last_seen && reason == "superseded";
    if (!superseded && !is_one_of(reason, {"busy", "overloaded"}))
      fail("%s: subscribe failed with %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::unsubscribe) {
    const bool knows = subscriptions_.find(asked.subscription) != subscriptions_.end();
    if (reason != "notFound" || (knows && !is_changing(asked.subscription)))
      fail("%s: unsubscribe failed with %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::safety || asked.kind == Kind::resume) {
    const bool is_put_off = asked.kind == Kind::resume && reason == "busy";
    if (!is_put_off && !is_one_of(reason, {"held", "notFound", asked.must}))
      fail("%s: a safety request failed with %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::command) {
    if (!is_one_of(reason, {"busy", "overloaded", "expired", "failed", "superseded", "mismatch", "stopped"}))
      fail("%s: a good command failed with %.*s", id, length, reason.data());
    if (reason == "stopped" && !witness_.stopping && !witness_.began_stopped)
      fail("%s: stopped, but nobody stops", id);
    if (reason == "busy" && asked.command.rivals < witness_.limits.commands_in_flight)
      fail("%s: busy beside only %zu others", id, asked.command.rivals);
    if (is_one_of(reason, {"superseded", "mismatch"}) && asked.command.until != device::Rung::verified)
      fail("%s: %.*s, but nothing was to be verified", id, length, reason.data());
  } else if (asked.kind == Kind::revoke) {
    const auto planned = witness_.faults.planned();
    const bool store_fails = std::any_of(planned.begin(), planned.end(), [](const Fault& fault) {
      return fault.target == "store" && fault.kind == FaultKind::fails;
    });
    if (!is_one_of(reason, {"busy", "overloaded"}) && !(reason == "failed" && store_fails))
      fail("%s: a token could not be revoked: %.*s", id, length, reason.data());
  } else if (asked.kind == Kind::describe && reason == "overloaded") {
    // A session that ends does not wait for a frame. That it ends is checked later.
  } else if (asked.kind != Kind::ping || asked.data.empty() || reason != "overloaded") {
    // An echo takes a frame at once, and there may be none.
    fail("%s: a good request failed with %.*s", id, length, reason.data());
  }
}

void Book::check_success(Asked& asked, std::string_view type, JsonView payload, Instant now) {
  const char* id = asked.id.c_str();
  if (!asked.expected.empty()) return fail("%s should have failed with %s", id, asked.expected.c_str());
  if (!asked.was_authenticated && asked.kind != Kind::authenticate && asked.kind != Kind::ping)
    return fail("%s was served without a credential", id);
  bool fits = false;
  switch (asked.kind) {
    case Kind::authenticate:
      fits = type == "ack" && asked.outcome == "authenticated";
      session_token_ = payload["sessionToken"].plain();
      break;
    case Kind::ping: fits = type == "pong" && payload["data"].unescaped() == asked.data; break;
    case Kind::describe: {
      device::ChannelSet told;
      payload["channels"].each([&](JsonView channel) { told.set(bench::place_of(channel["path"].plain())); });
      fits = type == "description" && told == asked.channels;
      break;
    }
    case Kind::subscribe:
      fits = type == "snapshot" && payload["id"].plain() == asked.subscription;
      if (fits) hear_subscribed(asked, payload, now);
      break;
    case Kind::history:
      fits = type == "history";
      if (fits) complain(asked, inquiries_[asked.inquiry].page(payload));
      break;
    case Kind::snapshot: {
      const Told told{payload};
      check_place(told);
      fits = type == "snapshot" && told.id == "snapshot" && take_samples(told, false) == asked.channels;
      break;
    }
    case Kind::log: fits = type == "ack" && asked.outcome == "following"; break;
    case Kind::resume: fits = type == "ack" && asked.outcome == "resumed"; break;
    case Kind::unsubscribe:
      fits =
          type == "ack" && asked.outcome == "unsubscribed" && subscriptions_.erase(asked.subscription) == 1;
      break;
    case Kind::safety:
      fits = type == "ack" && is_one_of(asked.outcome, {"renewed", "taken", "requested", "granted", "stolen",
                                                        "stopped", "reset"});
      if (asked.type == "stop") witness_.stopped(asked.delivered_at);
      break;
    case Kind::repeat: fits = type == "ack"; break;
    case Kind::revoke:
      fits = type == "ack" && asked.outcome == "revoked";
      witness_.revoked.insert(asked.token);
      break;
    case Kind::command: {
      const device::Rung top = asked.command.moves_heater() ? device::Rung::verified : device::Rung::applied;
      fits = type == "ack" && asked.outcome == device::wire_name(std::min(top, asked.command.until));
      if (asked.outcome != "accepted" && asked.command.is_stale())
        fail("%s: %s, but its version was stale", id, asked.outcome.c_str());
      break;
    }
    default: break;
  }
  if (!fits) fail("%s: a wrong answer of type %.*s", id, length(type), type.data());
}

}  // namespace signalbox::sim::storm
