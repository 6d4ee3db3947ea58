#include "session/outbox.hpp"

#include <algorithm>
#include <limits>

namespace signalbox::session {

using State = AnswerPlace::State;

std::optional<std::uint32_t> Outbox::reserve(const protocol::ReplyHeader& header) {
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    if (places_[i].state != State::free) continue;
    places_[i] = AnswerPlace{.state = State::reserved, .answer = {header, protocol::Ack{}}};
    ++taken_;
    return i;
  }
  return std::nullopt;
}

void Outbox::progress(std::uint32_t place, const protocol::Told& body) {
  AnswerPlace& at = places_[place];
  SIGNALBOX_CHECK(at.state == State::reserved || at.state == State::progress);
  if (at.state == State::reserved) at.sequence = ++sequence_;
  at.answer.body = body;
  at.state = State::progress;
}

void Outbox::finish(std::uint32_t place, const protocol::Told& body) {
  AnswerPlace& at = places_[place];
  SIGNALBOX_CHECK(at.state == State::reserved || at.state == State::progress);
  if (at.state == State::reserved) at.sequence = ++sequence_;
  at.answer.body = body;
  at.behind = came_;
  at.state = State::ready;
}

void Outbox::finish_rendered(std::uint32_t place, FrameId frame) {
  finish(place, protocol::Ack{});
  places_[place].rendered = frame;
}

void Outbox::finish_last(std::uint32_t place, const protocol::Told& body) {
  finish(place, body);
  places_[place].sequence = std::numeric_limits<std::uint64_t>::max();
}

AnswerPlace* Outbox::next_answer(std::uint64_t after) {
  AnswerPlace* next = nullptr;
  for (AnswerPlace& place : places_) {
    const bool waits = place.state == State::ready || place.state == State::progress;
    if (waits && place.sequence > after && (next == nullptr || place.sequence < next->sequence))
      next = &place;
  }
  return next;
}

bool Outbox::must_follow_telemetry(const AnswerPlace& place) const {
  if (std::holds_alternative<protocol::Snapshot>(place.answer.body))
    return left_ < place.behind || !frames_.empty();
  const auto* ack = std::get_if<protocol::Ack>(&place.answer.body);
  return ack != nullptr && ack->outcome == protocol::Ack::Outcome::unsubscribed && left_ < place.behind;
}

bool Outbox::snapshot_waits() const {
  return std::any_of(places_.begin(), places_.end(), [](const AnswerPlace& place) {
    return place.state == State::ready && std::holds_alternative<protocol::Snapshot>(place.answer.body);
  });
}

void Outbox::rendered(AnswerPlace& place, std::uint64_t offset) {
  if (place.state == State::progress) {
    place.state = State::reserved;
    return;
  }
  if (const auto* snapshot = std::get_if<protocol::Snapshot>(&place.answer.body)) {
    place.answer.body = protocol::Synced{snapshot->id, offset};
    return;
  }
  place.state = State::free;
  --taken_;
}

bool Outbox::offer(FramePool& pool, FrameId frame) {
  if (!takes_frames()) return false;
  pool.hold(frame);
  ++came_;
  return frames_.push(frame);
}

void Outbox::fold(device::ChannelIndex channel, double value) {
  if (folded_.none()) ++came_;
  if (!folded_.test(channel)) folds_[channel] = {};
  folded_.set(channel);
  folds_[channel].add(value);
}

FrameId Outbox::next_frame() {
  if (frames_.empty()) return kNoFrame;
  const FrameId frame = frames_.front();
  frames_.pop();
  ++left_;
  return frame;
}

void Outbox::clear_folds(const device::ChannelSet& sent) {
  if (folded_.none()) return;
  folded_ &= ~sent;
  if (folded_.none()) ++left_;
}

std::size_t Outbox::frames_held() const {
  std::size_t held = frames_.size();
  for (const AnswerPlace& place : places_) held += place.rendered != kNoFrame ? 1 : 0;
  return held;
}

void Outbox::clear_telemetry(FramePool& pool) {
  for (FrameId frame = next_frame(); frame != kNoFrame; frame = next_frame()) pool.let_go(frame);
  clear_folds(folded_);
}

void Outbox::clear(FramePool& pool) {
  clear_telemetry(pool);
  for (AnswerPlace& place : places_) {
    if (place.rendered != kNoFrame) pool.let_go(place.rendered);
    place = AnswerPlace{};
  }
  taken_ = 0;
}

}  // namespace signalbox::session
