#include "session/router.hpp"

#include <algorithm>
#include <type_traits>

namespace signalbox::session {
namespace {

/// Wrong tokens before the session is closed.
constexpr std::uint32_t kLoginsMax = 3;

template <typename Request>
constexpr bool kServedToAnyone =
    std::is_same_v<Request, protocol::Authenticate> || std::is_same_v<Request, protocol::Ping>;

}  // namespace

void Router::route(Session& session, std::string_view message, Instant now) {
  const protocol::Decoded decoded = session.dialect->decode(message);
  const std::optional<std::uint32_t> place = session.outbox.reserve(decoded.header);
  SIGNALBOX_CHECK(place.has_value());
  const Exchange exchange{session, *place, decoded.header, now};
  if (!decoded.request) {
    fail(exchange, decoded.request.error());
    return;
  }
  std::visit(
      [&]<typename Request>(const Request& request) {
        if (!kServedToAnyone<Request> && session.who() == nullptr) {
          fail(exchange, {Reason::unauthenticated, "send authenticate with a token first"});
        } else {
          serve(exchange, request);
        }
      },
      *decoded.request);
}

void Router::refuse(Session& session, const Error& error) {
  const std::optional<std::uint32_t> place = session.outbox.reserve({});
  SIGNALBOX_CHECK(place.has_value());
  session.outbox.finish(*place, protocol::Failure{error});
}

void Router::answer(const Exchange& exchange, const protocol::Told& body) {
  exchange.session.outbox.finish(exchange.place, body);
}

void Router::fail(const Exchange& exchange, const Error& error) {
  answer(exchange, protocol::Failure{error});
}

void Router::serve(const Exchange& exchange, const protocol::Authenticate& authenticate) {
  Session& session = exchange.session;
  const Result<Principal> principal = tokens_.check(authenticate.token);
  if (!principal) {
    fail(exchange, principal.error());
    if (++session.failed_logins >= kLoginsMax) session.closing = Closing{1008, "too many wrong tokens"};
    return;
  }
  if (session.phase == Phase::welcome) {
    life_.step(session.phase, Phase::authenticated);
    session.phase = Phase::authenticated;
    session.since = exchange.now;
  }
  session.principal = *principal;
  answer(exchange, protocol::Ack{protocol::Ack::Outcome::authenticated});
}

void Router::serve(const Exchange& exchange, const protocol::Ping& ping) {
  const protocol::Pong pong{ping.data};
  if (pong.outlives_request())
    answer(exchange, pong);
  else
    echo(exchange, pong);
}

void Router::echo(const Exchange& exchange, const protocol::Pong& pong) {
  Session& session = exchange.session;
  // One of them may wait: who asks for echoes and takes none must not use up everybody's frames.
  if (session.outbox.has_rendered()) {
    fail(exchange, {Reason::busy, "the last echo was not taken yet", "payload.data", 100});
    return;
  }
  const FrameId frame = frames_.take_spare();
  if (frame == kNoFrame) {
    fail(exchange, {Reason::overloaded, "no frame is free for the echo; try again", {}, 100});
    return;
  }
  const std::string_view text =
      session.dialect->encode(protocol::Answer{exchange.header, pong}, session.who(),
                              context_.view(exchange.now), frames_.memory(frame));
  if (text.empty()) {
    frames_.let_go(frame);
    fail(exchange, {Reason::too_big, "data does not fit an answer once escaped", "payload.data"});
    return;
  }
  frames_.set_size(frame, text.size());
  session.outbox.finish_rendered(exchange.place, frame);
}

void Router::serve(const Exchange& exchange, const protocol::Describe& describe) {
  answer(exchange, protocol::Description{describe.pattern});
}

void Router::serve(const Exchange& exchange, const protocol::Subscribe& subscribe) {
  device::ChannelSet channels;
  for (std::size_t i = 0; i < subscribe.patterns_count; ++i)
    channels |= context_.roster.matching(subscribe.patterns[i]);
  const std::span<const device::Channel> all = context_.roster.channels();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (channels.test(i) && !exchange.session.who()->may(Right::read, all[i].path)) channels.reset(i);
  if (channels.none()) {
    fail(exchange, {Reason::not_found, "no channel you may read matches these paths; describe lists them",
                    "payload.paths"});
    return;
  }
  const Result<void> subscribed =
      publisher_.subscribe(exchange.session, exchange.place, subscribe, channels, exchange.now);
  if (subscribed) {
    answer(exchange, protocol::Snapshot{subscribe.id, channels});
  } else {
    fail(exchange, subscribed.error());
  }
}

void Router::serve(const Exchange& exchange, const protocol::Unsubscribe& unsubscribe) {
  if (publisher_.unsubscribe(exchange.session, unsubscribe.id)) {
    answer(exchange, protocol::Ack{protocol::Ack::Outcome::unsubscribed});
  } else {
    fail(exchange, {Reason::not_found, "this session has no subscription of that id", "payload.id"});
  }
}

void Router::serve(const Exchange& exchange, const protocol::Command& command) {
  Session& session = exchange.session;
  Result<control::Command> prepared = prepare(exchange, command);
  if (prepared && session.commands_in_flight >= context_.limits.commands_in_flight)
    prepared = Error{Reason::busy, "as many commands are in flight as this session may have", {}, 100};
  if (!prepared) {
    fail(exchange, prepared.error());
    return;
  }
  const bool answered_now = command.until == device::Rung::accepted;
  if (answered_now) prepared->ticket.place = control::kNoPlace;
  const Result<void> submitted = controller_.submit(*prepared);
  if (!submitted) {
    fail(exchange, submitted.error());
    return;
  }
  ++session.commands_in_flight;
  if (answered_now) {
    answer(exchange, protocol::Ack{protocol::Ack::Outcome::accepted});
  } else {
    session.outbox.progress(exchange.place, protocol::Progress{device::Rung::accepted});
  }
}

Result<control::Command> Router::prepare(const Exchange& exchange, const protocol::Command& command) const {
  const device::ChannelIndex index = context_.roster.find(command.channel);
  const Principal& who = *exchange.session.who();
  if (index == device::kNoChannel ||
      !(who.may(Right::read, command.channel) || who.may(Right::control, command.channel)))
    return Error{Reason::not_found, "there is no such channel; describe lists them", "payload.channel"};
  const device::Channel& channel = context_.roster.channels()[index];
  if (!channel.is_output())
    return Error{Reason::forbidden, "this channel is measured, not moved", "payload.channel"};
  if (!who.may(Right::control, command.channel))
    return Error{Reason::forbidden, "you may read this channel, not move it", "payload.channel"};
  if (command.epoch && command.epoch->view() != context_.epoch.view())
    return Error{Reason::foreign_epoch, "meant for the device before its restart; it was not carried out",
                 "payload.epoch"};

  control::Command prepared{
      .ticket = {exchange.session.handle, exchange.place}, .channel = index, .until = command.until};
  if (command.action == protocol::Command::Action::set) {
    const Result<device::Value> value = protocol::value_for(channel, command.value);
    if (!value) return value.error();
    prepared.value = *value;
  } else if (channel.kind != device::ValueKind::boolean) {
    return Error{Reason::malformed, "only a boolean channel can be toggled; use set", "payload.action"};
  }
  prepared.deadline =
      exchange.now + (command.deadline_ms ? from_ms(*command.deadline_ms) : channel.output->command_deadline);
  if (command.not_after_ms) {
    constexpr std::int64_t kDay_ms = 24 * 3600 * 1000;  // far beyond any deadline; keeps the sum in range
    const std::int64_t left_ms = *command.not_after_ms - context_.clock.label(exchange.now).unix_ms;
    prepared.deadline =
        std::min(prepared.deadline, exchange.now + from_ms(std::clamp(left_ms, -kDay_ms, kDay_ms)));
  }
  if (prepared.deadline <= exchange.now)
    return Error{Reason::expired, "notAfter had passed when it came; it was not carried out",
                 "payload.notAfter"};
  return prepared;
}

}  // namespace signalbox::session
