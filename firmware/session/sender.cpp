#include "session/sender.hpp"

#include <algorithm>

namespace signalbox::session {
namespace {

Outgoing whole(std::string_view text) {
  return {.kind = Outgoing::Kind::text, .bytes = {text.data(), text.size()}};
}

/// How long a goodbye waits for the answers of commands in flight.
constexpr Duration kOwedWithin = from_ms(1000);

/// These change what telemetry means to their reader, so they keep their order.
bool is_about_subscriptions(const protocol::Answer& answer) {
  if (std::holds_alternative<protocol::Snapshot>(answer.body)) return true;
  const auto* ack = std::get_if<protocol::Ack>(&answer.body);
  return ack != nullptr && ack->outcome == protocol::Ack::Outcome::unsubscribed;
}

/// The first half of them, rounded up.
device::ChannelSet half(const device::ChannelSet& channels) {
  device::ChannelSet first;
  const std::size_t wanted = (channels.count() + 1) / 2;
  for (std::size_t i = 0, taken = 0; taken < wanted; ++i) {
    if (!channels.test(i)) continue;
    first.set(i);
    ++taken;
  }
  return first;
}

}  // namespace

bool Sender::has_any(Session& session) const {
  return session.transfer.frame != kNoFrame || session.ping_due || session.closing || !session.outbox.empty();
}

Outgoing Sender::next(Session& session, std::span<char> into, Instant now) {
  if (session.transfer.frame != kNoFrame) return go_on(session, into);
  if (session.ping_due) {
    session.ping_due = false;
    return {.kind = Outgoing::Kind::ping};
  }
  const Outgoing answered = answers(session, into, now);
  if (answered.kind != Outgoing::Kind::nothing) return answered;
  if (session.outbox.has_telemetry()) return telemetry(session, into, now);
  return {};
}

/// The first answer that can leave. One that must wait for telemetry ends the row; one for which there is no
/// frame lets those pass that do not mind.
Outgoing Sender::answers(Session& session, std::span<char> into, Instant now) {
  bool subscriptions_wait = false;
  AnswerPlace* place = session.said_goodbye ? nullptr : session.outbox.next_answer();
  for (; place != nullptr; place = session.outbox.next_answer(place->sequence)) {
    const bool is_goodbye = std::holds_alternative<protocol::Goodbye>(place->answer.body);
    if (is_goodbye && session.commands_in_flight > 0 && now - session.since < kOwedWithin)
      return {};  // their answers go first
    if (subscriptions_wait && is_about_subscriptions(place->answer)) continue;
    if (session.outbox.must_follow_telemetry(*place)) return {};
    const bool about_subscriptions = is_about_subscriptions(place->answer);
    const Outgoing outgoing = answer(session, *place, into, now);
    if (outgoing.kind != Outgoing::Kind::nothing) return outgoing;
    subscriptions_wait |= about_subscriptions;
  }
  if (!session.closing) return {};
  return {.kind = Outgoing::Kind::close,
          .close_code = session.closing->code,
          .close_reason = session.closing->reason};
}

Outgoing Sender::answer(Session& session, AnswerPlace& place, std::span<char> into, Instant now) {
  if (place.rendered != kNoFrame) {
    const FrameId frame = place.rendered;
    place.rendered = kNoFrame;
    rendered(session, place);
    return begin_transfer(session, frame, into);
  }
  const protocol::View view = context_.view(now);
  std::string_view text = session.dialect->encode(place.answer, session.who(), view, into);
  if (!text.empty()) {
    rendered(session, place);
    return whole(text);
  }
  const FrameId frame = frames_.take();
  if (frame == kNoFrame && !session.closing) return {};  // waits for one; the sweep asks again
  if (frame == kNoFrame) {
    place.answer.body = protocol::Failure{{Reason::overloaded, "no memory is free for a long answer"}};
    return answer(session, place, into, now);
  }
  text = session.dialect->encode(place.answer, session.who(), view, frames_.memory(frame));
  if (text.empty()) {
    frames_.let_go(frame);
    if (const auto* snapshot = std::get_if<protocol::Snapshot>(&place.answer.body))
      publisher_.unsubscribe(session, snapshot->id);
    place.answer.body = protocol::Failure{
        {Reason::too_big, "the answer is longer than this device can send; ask for fewer paths",
         "payload.path"}};
    return answer(session, place, into, now);
  }
  frames_.set_size(frame, text.size());
  rendered(session, place);
  return begin_transfer(session, frame, into);
}

Outgoing Sender::telemetry(Session& session, std::span<char> into, Instant now) {
  const FrameId waiting = session.outbox.next_frame();
  if (waiting != kNoFrame) return begin_transfer(session, waiting, into);
  // Rendered into the socket's own memory, in as many messages as it takes: a late reader needs no frame.
  for (device::ChannelSet part = session.outbox.folded(); part.any(); part = half(part)) {
    const protocol::Telemetry folded{part, session.outbox.folds()};
    const std::string_view text = session.dialect->encode(folded, context_.view(now), into);
    if (!text.empty()) {
      session.outbox.clear_folds(part);
      return whole(text);
    }
    SIGNALBOX_CHECK(part.count() > 1);  // a single sample fits what a wire offers
  }
  return {};
}

Outgoing Sender::begin_transfer(Session& session, FrameId frame, std::span<char> into) {
  session.transfer = {.frame = frame};
  return go_on(session, into);
}

Outgoing Sender::go_on(Session& session, std::span<char> into) {
  Transfer& transfer = session.transfer;
  const std::string_view text = frames_.text(transfer.frame);
  const std::string_view part = text.substr(transfer.sent, into.size());
  std::copy(part.begin(), part.end(), into.begin());
  Outgoing outgoing{.kind = Outgoing::Kind::text,
                    .bytes = into.first(part.size()),
                    .first = transfer.sent == 0,
                    .last = transfer.sent + part.size() == text.size()};
  transfer.sent += part.size();
  if (outgoing.last) {
    frames_.let_go(transfer.frame);
    transfer = {};
  }
  return outgoing;
}

void Sender::rendered(Session& session, AnswerPlace& place) {
  if (std::holds_alternative<protocol::Snapshot>(place.answer.body))
    publisher_.synced(session, session.outbox.index_of(place));
  if (std::holds_alternative<protocol::Goodbye>(place.answer.body)) session.said_goodbye = true;
  session.outbox.rendered(place, context_.values.offset());
}

void Sender::clear(Session& session) {
  if (session.transfer.frame != kNoFrame) frames_.let_go(session.transfer.frame);
  session.transfer = {};
  session.outbox.clear(frames_);
}

}  // namespace signalbox::session
