#include "protocol/messages/answer.hpp"

#include <array>

#include "protocol/json_writer.hpp"
#include "protocol/messages/tokens.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::string_view kProtocol = "signalbox.v1";
constexpr std::array<std::string_view, 8> kFeatures{"telemetry", "control", "events", "history",
                                                    "journal",   "people",  "alarms", "tokens"};

constexpr std::string_view wire_name(Ack::Outcome outcome) {
  constexpr std::array<std::string_view, 21> names{
      "accepted",  "applied", "verified",     "authenticated", "unsubscribed", "renewed",   "taken",
      "requested", "granted", "stolen",       "stopped",       "reset",        "resumed",   "announced",
      "joined",    "left",    "acknowledged", "reloaded",      "revoked",      "following", "unfollowed"};
  return names[static_cast<std::size_t>(outcome)];
}

}  // namespace

void write_payload(JsonWriter& writer, const Ack& ack) {
  writer.begin_object().key("outcome").word(wire_name(ack.outcome));
  writer.member_unless_empty("sessionToken", ack.session_token);
  writer.member_unless_empty("token", ack.token);
  if (ack.reached) writer.key("reached").integer(*ack.reached);
  if (ack.subscriptions) writer.key("subscriptions").integer(*ack.subscriptions);
  writer.end_object();
}

void write_payload(JsonWriter& writer, const Progress& progress) {
  writer.begin_object().key("rung").word(wire_name(progress.rung)).end_object();
}

void write_payload(JsonWriter& writer, const Failure& failure, const View& view) {
  const Error& error = failure.error;
  writer.begin_object();
  writer.key("code").integer(code_of(error.reason));
  writer.key("reason").word(wire_name(error.reason));
  writer.key("temporary").boolean(is_temporary(error.reason));
  if (error.retry_after_ms > 0) writer.key("retryAfterMs").integer(error.retry_after_ms);
  writer.member_unless_empty("field", error.field);
  writer.key("detail").text(error.detail);
  if (failure.refused_count > 0) {
    writer.key("refused").begin_array();
    for (std::size_t i = 0; i < failure.refused_count; ++i) {
      const Failure::Refused& refused = failure.refused[i];
      writer.begin_object().key("channel").text(view.roster.channels()[refused.channel].path);
      writer.key("reason").word(wire_name(refused.reason)).end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

void write_device(JsonWriter& writer, const View& view) {
  writer.key("device").begin_object();
  writer.key("id").text(view.roster.id);
  writer.member_unless_empty("title", view.roster.title);
  writer.end_object();
  writer.key("stopped").boolean(view.stopped);
  writer.key("firmwareVersion").text(view.firmware_version);
  writer.key("epoch").text(view.epoch);
}

void write_limits(JsonWriter& writer, const Limits& limits) {
  writer.key("limits").begin_object();
  writer.key("sessions").integer(limits.sessions);
  writer.key("messageBytes").integer(limits.message_bytes);
  writer.key("nesting").integer(limits.nesting);
  writer.key("subscriptions").integer(limits.subscriptions);
  writer.key("commandsInFlight").integer(limits.commands_in_flight);
  writer.key("groups").integer(limits.groups);
  writer.key("historySamples").integer(limits.history_samples);
  writer.key("authenticateMs").integer(limits.authenticate_ms);
  writer.key("heartbeatMs").integer(limits.heartbeat_ms);
  writer.key("deadAfterMs").integer(limits.dead_after_ms);
  writer.key("unreadAfterMs").integer(limits.unread_after_ms);
  if (limits.requests_per_s > 0) writer.key("requestsPerS").integer(limits.requests_per_s);
  if (limits.bytes_per_s > 0) writer.key("bytesPerS").integer(limits.bytes_per_s);
  if (limits.failed_logins > 0) writer.key("failedLogins").integer(limits.failed_logins);
  if (limits.connections_per_address > 0)
    writer.key("connectionsPerAddress").integer(limits.connections_per_address);
  writer.end_object();
}

void write_payload(JsonWriter& writer, const Welcome& welcome, const Principal* principal, const View& view) {
  writer.begin_object();
  write_device(writer, view);
  writer.key("protocol").text(kProtocol);
  writer.key("deviceTime").integer(view.clock.label(view.now).unix_ms);
  writer.key("clock").text(welcome.clock_is_set ? "set" : "wrong");
  writer.key("session").text(welcome.session);
  writer.member_unless_empty("sessionToken", welcome.session_token);
  writer.key("authenticated").boolean(principal != nullptr);
  write_limits(writer, view.limits);
  writer.key("heartbeatMs").integer(view.limits.heartbeat_ms);
  if (principal != nullptr) write_rights(writer, *principal);
  writer.key("features").begin_array();
  for (const std::string_view feature : kFeatures) writer.text(feature);
  writer.end_array();
  writer.end_object();
}

void write_payload(JsonWriter& writer, const Goodbye& goodbye) {
  writer.begin_object();
  writer.key("reason").text(goodbye.reason);
  if (goodbye.retry_after_ms > 0) writer.key("retryAfterMs").integer(goodbye.retry_after_ms);
  writer.end_object();
}

}  // namespace signalbox::protocol
