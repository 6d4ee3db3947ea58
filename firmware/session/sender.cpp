#include "session/sender.hpp"

#include <algorithm>

namespace signalbox::session {
namespace {

Outgoing whole(std::string_view text) {
  return {.kind = Outgoing::Kind::text, .bytes = {text.data(), text.size()}};
}

/// How long a goodbye waits for the answers of commands in flight.
constexpr Duration kOwedWithin = from_ms(1000);

/// These tell a state that telemetry sent earlier must not undo, so they leave after it.
bool follows_telemetry(const protocol::Answer& answer) {
  if (std::holds_alternative<protocol::Snapshot>(answer.body)) return true;
  const auto* ack = std::get_if<protocol::Ack>(&answer.body);
  return ack != nullptr && ack->outcome == protocol::Ack::Outcome::unsubscribed;
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
  AnswerPlace* place = session.said_goodbye ? nullptr : session.outbox.next_answer();
  if (place != nullptr && session.commands_in_flight > 0 && now - session.since < kOwedWithin &&
      std::holds_alternative<protocol::Goodbye>(place->answer.body))
    return {};  // their answers go first
  if (place != nullptr && !(follows_telemetry(place->answer) && session.outbox.has_telemetry()))
    return answer(session, *place, into, now);
  if (session.closing)
    return {.kind = Outgoing::Kind::close,
            .close_code = session.closing->code,
            .close_reason = session.closing->reason};
  if (session.outbox.has_telemetry()) return telemetry(session, into, now);
  return {};
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
  if (frame == kNoFrame) return {};  // waits for a frame; the sweep asks again
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
  const protocol::Telemetry folded{session.outbox.folded(), session.outbox.folds()};
  std::string_view text = session.dialect->encode(folded, context_.view(now), into);
  if (!text.empty()) {
    session.outbox.clear_folds();
    return whole(text);
  }
  const FrameId frame = frames_.take();
  if (frame == kNoFrame) return {};
  text = session.dialect->encode(folded, context_.view(now), frames_.memory(frame));
  SIGNALBOX_CHECK(!text.empty());
  frames_.set_size(frame, text.size());
  session.outbox.clear_folds();
  return begin_transfer(session, frame, into);
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
