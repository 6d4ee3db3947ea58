// What is asked of the sessions without a conversation.
#include "protocol/json_writer.hpp"
#include "protocol/thing.hpp"
#include "session/clearance.hpp"
#include "session/session_table.hpp"

namespace signalbox::session {
namespace {

constexpr std::uint32_t kFrameRetry_ms = 1000;

}  // namespace

/// Whoever it is, if they may ask for that by HTTP.
Result<Principal> SessionTable::permitted(const Result<Principal>& who, std::string_view operation,
                                          Instant now) const {
  if (!who) return who;
  const Result<void> permitted = permit(clearance_for(operation), &*who, context_.clock.label(now));
  return permitted ? who : permitted.error();
}

/// The same, unless their credential asks too fast.
Result<Principal> SessionTable::in_time(const Result<Principal>& who, Instant now) {
  if (!who) return who;
  const Result<void> in_time = request_rates_.take(*who, request_rate(), now);
  return in_time ? who : in_time.error();
}

Result<void> SessionTable::do_stop(const Caller& caller, Instant now) {
  touched_ = true;
  const Result<Principal> who = permitted(login_.identify(caller, now), "POST /v1/stop", now);
  if (!who) return who.error();
  return control_gate_.stop(*who, {.name = who->name, .peer = caller.peer}, now);
}

Result<std::string_view> SessionTable::do_thing(const Caller& caller, std::string_view socket_url,
                                                Instant now) {
  const Result<Principal> who =
      in_time(permitted(login_.log_in(caller, now), "GET /.well-known/wot", now), now);
  if (!who) return who.error();
  const FrameId frame = frames_.take();
  if (frame == kNoFrame)
    return Error{Reason::overloaded, "no memory to describe the device now", {}, kFrameRetry_ms};
  protocol::JsonWriter writer{frames_.memory(frame)};
  protocol::write_thing(writer, *who, socket_url, context_.view(now));
  frames_.let_go(frame);  // nobody writes there before the door is called again
  if (!writer.fits()) return Error{Reason::too_big, "too many channels for one document; ask `describe`"};
  return writer.written();
}

Result<std::int64_t> SessionTable::do_log_in(const Caller& caller, Instant now) {
  touched_ = true;
  const Result<Principal> who = in_time(permitted(login_.log_in(caller, now), "POST /v1/login", now), now);
  if (!who) return who.error();
  return who->expires_s - context_.clock.label(now).unix_ms / 1000;
}

std::optional<Error> SessionTable::do_refusal(Handle handle) {
  const AnswerPlace* place = sessions_.at(handle).outbox.next_answer();
  const auto* failure = place != nullptr ? std::get_if<protocol::Failure>(&place->answer.body) : nullptr;
  return failure != nullptr ? std::optional{failure->error} : std::nullopt;
}

/// Of the hardware it tells whether all of it can be read, and not what cannot.
Health SessionTable::do_health(Instant now) {
  const std::span<const device::Channel> channels = context_.roster.channels();
  bool all_read = true;
  bool all_good = true;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].gone) continue;
    const device::Latest& latest = context_.values.of(static_cast<device::ChannelIndex>(i));
    const bool is_read = latest.offset > 0;
    all_read = all_read && is_read;
    all_good = all_good && (!is_read || device::is_usable(latest.sample.quality));
  }
  const bool journal_ok = context_.journal == nullptr || !context_.journal->is_troubled();
  const bool clock_ok = tokens_.read_clock(context_.clock.label(now)).has_value();
  return {.dependencies = {{{"journal", journal_ok ? "ok" : "failed", journal_ok},
                            {"clock", clock_ok ? "ok" : "wrong", clock_ok},
                            {"hardware", all_good ? "ok" : "fault", all_good}}},
          .phase = leaving_   ? "stopping"
                   : all_read ? "ready"
                              : "starting"};
}

std::optional<WallTime> SessionTable::do_wall_time(Instant now) {
  const WallTime wall = context_.clock.label(now);
  return tokens_.read_clock(wall) ? std::optional{wall} : std::nullopt;
}

/// Whether the one request that it is about has been answered, and nothing follows.
bool SessionTable::is_over(const Session& session) const {
  if (session.dialect->converses() || !session.is_open() || !session.asked) return false;
  const bool follows = session.dialect->course() != protocol::Course::single &&
                       (publisher_.count_of(session) > 0 || session.wants_log);
  return !follows && session.metric == 0 && session.outbox.owes_nothing() &&
         session.transfer.frame == kNoFrame;
}

}  // namespace signalbox::session
