#include "session/sender.hpp"

#include <algorithm>

#include "session/news_reader.hpp"
#include "session/vitals.hpp"

namespace signalbox::session {
namespace {

Outgoing whole(std::string_view text) {
  return {.kind = Outgoing::Kind::text, .bytes = {text.data(), text.size()}};
}

/// The first half of a set of two or more channels.
device::ChannelSet first_half(const device::ChannelSet& channels) {
  SIGNALBOX_CHECK(channels.count() > 1);  // any one sample fits
  device::ChannelSet half;
  for (std::size_t i = 0; half.count() < channels.count() / 2; ++i)
    if (channels.test(i)) half.set(i);
  return half;
}

}  // namespace

bool Sender::has_any(Session& session) const {
  const bool ends = session.ending != Ending::none && session.ending != Ending::over;
  return session.transfer.frame != kNoFrame || session.ping_due || session.metric != 0 || ends ||
         !session.outbox.empty() || has_news(session, context_);
}

Outgoing Sender::next(Session& session, std::span<char> into, Instant now) {
  if (session.transfer.frame != kNoFrame) return go_on(session, into);
  if (session.ping_due) {
    session.ping_due = false;
    return {.kind = Outgoing::Kind::ping};
  }
  Outbox& outbox = session.outbox;
  for (AnswerPlace* place = outbox.next_answer(); place != nullptr;
       place = outbox.next_answer(place->sequence)) {
    const Outgoing outgoing = answer(session, *place, into, now);
    if (outgoing.kind != Outgoing::Kind::nothing) return outgoing;  // else it waits for a frame, not the rest
  }
  if (session.ending != Ending::none) return farewell(session, into, now);
  if (session.metric != 0) return metrics(session, into, now);
  const FrameId frame = outbox.next_frame();
  if (frame != kNoFrame) return begin_transfer(session, frame, into);
  if (has_news(session, context_))
    return whole(session.dialect->encode(next_news(session, context_), context_.view(now), into));
  if (outbox.folded().any()) return folded(session, into, now);
  return {};
}

Outgoing Sender::answer(Session& session, AnswerPlace& place, std::span<char> into, Instant now) {
  if (!session.dialect->tells(place.answer.body)) {
    rendered(session, place);
    return {};
  }
  const auto* failure = std::get_if<protocol::Failure>(&place.answer.body);
  if (failure == nullptr) return success(session, place, into, now);
  const Error error = failure->error;
  Outgoing outgoing = success(session, place, into, now);
  outgoing.status = code_of(error.reason);
  outgoing.retry_after_ms = error.retry_after_ms;
  return outgoing;
}

Outgoing Sender::success(Session& session, AnswerPlace& place, std::span<char> into, Instant now) {
  if (place.rendered != kNoFrame) {
    const FrameId frame = place.rendered;
    session.outbox.answered(place);
    return begin_transfer(session, frame, into);
  }
  if (std::holds_alternative<protocol::Missed>(place.answer.body)) return recover(session, place, into, now);
  // A snapshot's offset is of now: what happened before is told first.
  if (place.follows_frames && has_news(session, context_)) return {};
  // A page is as long as what it is rendered into: it takes a whole frame.
  if (protocol::is_page(place.answer.body)) return long_answer(session, place, into, now);
  const std::string_view text =
      session.dialect->encode(place.answer, session.who(), context_.view(now), into);
  if (text.empty()) return long_answer(session, place, into, now);
  rendered(session, place);
  return whole(text);
}

Outgoing Sender::long_answer(Session& session, AnswerPlace& place, std::span<char> into, Instant now) {
  const FrameId frame = frames_.take();
  if (frame == kNoFrame) return {};  // the table asks again
  const std::string_view text =
      session.dialect->encode(place.answer, session.who(), context_.view(now), frames_.memory(frame));
  if (text.empty()) {
    frames_.let_go(frame);
    cannot_render(session, place);
    return answer(session, place, into, now);
  }
  frames_.set_size(frame, text.size());
  rendered(session, place);
  return begin_transfer(session, frame, into);
}

/// What a subscriber missed, a message at a time; then its snapshot, which tells whether that was all.
Outgoing Sender::recover(Session& session, AnswerPlace& place, std::span<char> into, Instant now) {
  Outbox& outbox = session.outbox;
  if (!publisher_.is_awaited(session, outbox.index_of(place))) {
    outbox.replace(place, protocol::Failure{{Reason::superseded,
                                             "the subscription ended before it was told all it had missed"}});
    return answer(session, place, into, now);
  }
  if (has_news(session, context_)) return {};  // events go before telemetry, also that of the past
  const protocol::Missed& missed = std::get<protocol::Missed>(place.answer.body);
  if (missed.recovery.is_over(context_.history)) {
    place.answer.body = protocol::Snapshot{missed.id, missed.recovery.channels, missed.recovery.complete};
    return answer(session, place, into, now);
  }
  std::string_view text = render_missed(session, place, into, now);
  if (!text.empty()) {
    outbox.go_on_later(place);
    return whole(text);
  }
  const FrameId frame = frames_.take_spare();  // many gaps
  if (frame == kNoFrame) return {};
  text = render_missed(session, place, frames_.memory(frame), now);
  if (text.empty()) {
    frames_.let_go(frame);
    cannot_render(session, place);
    return answer(session, place, into, now);
  }
  frames_.set_size(frame, text.size());
  outbox.go_on_later(place);
  return begin_transfer(session, frame, into);
}

/// As many samples as fit, and counts them as told; empty where not even the next one does.
std::string_view Sender::render_missed(Session& session, AnswerPlace& place, std::span<char> into,
                                       Instant now) {
  constexpr std::size_t kSampleBytesMin = 64;
  auto& missed = std::get<protocol::Missed>(place.answer.body);
  telemetry::Recovery& recovery = missed.recovery;
  const bool gaps = recovery.gaps(context_.history).any();
  for (std::size_t samples = into.size() / kSampleBytesMin; samples > 0 || gaps; samples /= 2) {
    missed.upto = recovery.window_end(samples, context_.history);
    const std::string_view text =
        session.dialect->encode(place.answer, session.who(), context_.view(now), into);
    if (!text.empty()) {
      recovery.told(missed.upto, context_.values.offset(), context_.history);
      return text;
    }
    if (samples == 0) break;
  }
  return {};
}

void Sender::rendered(Session& session, AnswerPlace& place) {
  const auto* snapshot = std::get_if<protocol::Snapshot>(&place.answer.body);
  if (snapshot == nullptr) {
    session.outbox.answered(place);
    return;
  }
  // What is published from here on is not in the snapshot and queues behind it.
  publisher_.snapshot_rendered(session, session.outbox.index_of(place));
  session.outbox.replace(place, protocol::Synced{snapshot->id, context_.values.offset()});
}

void Sender::cannot_render(Session& session, AnswerPlace& place) {
  const bool snapshot = std::holds_alternative<protocol::Snapshot>(place.answer.body) ||
                        std::holds_alternative<protocol::Missed>(place.answer.body);
  if (snapshot) publisher_.give_up(session, session.outbox.index_of(place));
  session.outbox.replace(
      place, protocol::Failure{
                 {Reason::too_big, "the answer is longer than this device can send; ask for fewer paths",
                  std::holds_alternative<protocol::Description>(place.answer.body) ? "payload.path"
                                                                                   : "payload.paths"}});
}

Outgoing Sender::farewell(Session& session, std::span<char> into, Instant now) {
  const Closing& closing = session.closing;
  const bool owed = session.outbox.awaits_answers() || !session.outbox.empty();
  if (owed && now < closing.owed_until) return {};
  switch (session.ending) {
    case Ending::goodbye: {
      session.ending = Ending::close;
      const protocol::Answer goodbye{{}, protocol::Goodbye{closing.reason, closing.retry_after_ms}};
      if (!session.dialect->tells(goodbye.body)) return farewell(session, into, now);
      return whole(session.dialect->encode(goodbye, session.who(), context_.view(now), into));
    }
    case Ending::close:
      session.ending = Ending::over;
      return {.kind = Outgoing::Kind::close, .close_code = closing.code, .close_reason = closing.reason};
    default: return {};
  }
}

Outgoing Sender::metrics(Session& session, std::span<char> into, Instant now) const {
  protocol::MetricsWriter writer{into, session.metric - 1};
  write_metrics(writer, *session.who(), context_, now);
  Outgoing outgoing = whole(writer.written());
  outgoing.first = session.metric == 1;
  outgoing.last = !writer.is_full();
  session.metric = outgoing.last ? 0 : writer.next() + 1;
  return outgoing;
}

Outgoing Sender::folded(Session& session, std::span<char> into, Instant now) {
  // As many channels as fit: what was folded needs no frame, so that it gets through when all are in use.
  device::ChannelSet channels = session.outbox.folded();
  std::string_view text;
  for (;;) {
    const bool more = channels != session.outbox.folded();
    const protocol::Telemetry telemetry{channels, session.outbox.folds(), session.outbox.unmeasured(), more};
    text = session.dialect->encode(telemetry, context_.view(now), into);
    if (!text.empty()) break;
    channels = first_half(channels);
  }
  session.outbox.sent_folds(channels);
  return whole(text);
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
  const Outgoing outgoing{.kind = Outgoing::Kind::text,
                          .bytes = into.first(part.size()),
                          .first = transfer.sent == 0,
                          .last = transfer.sent + part.size() == text.size()};
  transfer.sent += static_cast<std::uint32_t>(part.size());
  if (outgoing.last) {
    frames_.let_go(transfer.frame);
    transfer = {};
  }
  return outgoing;
}

void Sender::clear(Session& session) {
  if (session.transfer.frame != kNoFrame) frames_.let_go(session.transfer.frame);
  session.transfer = {};
  session.outbox.clear(frames_);
}

}  // namespace signalbox::session
