#include "session/outbox.hpp"

#include <algorithm>
#include <new>
#include <type_traits>

namespace signalbox::session {
namespace {

using State = AnswerPlace::State;

bool is_waiting(const AnswerPlace& place) {
  return place.state == State::ready || place.state == State::progress;
}

bool must_follow_frames(const protocol::Told& body) {
  if (std::holds_alternative<protocol::Snapshot>(body) || std::holds_alternative<protocol::Missed>(body))
    return true;
  const auto* ack = std::get_if<protocol::Ack>(&body);
  return ack != nullptr && ack->outcome == protocol::Ack::Outcome::unsubscribed;
}

}  // namespace

std::optional<std::uint32_t> Outbox::reserve(const protocol::ReplyHeader& header) {
  if (taken_ == places_.size()) return std::nullopt;
  std::uint32_t place = 0;
  while (place < used_ && places_[place].state != State::free) ++place;
  if (place == used_) ++used_;
  static_assert(std::is_trivially_destructible_v<AnswerPlace>);
  new (&places_[place]) AnswerPlace{.state = State::reserved, .answer = {header, protocol::Ack{}}};
  ++taken_;
  return place;
}

void Outbox::vacate(AnswerPlace& place) {
  place.state = State::free;
  place.rendered = kNoFrame;
  if (--taken_ == 0) used_ = 0;
}

void Outbox::release(std::uint32_t place) { vacate(places_[place]); }

bool Outbox::awaits_answers() const {
  for (std::uint32_t i = 0; i < used_; ++i)
    if (places_[i].state == State::reserved || places_[i].state == State::progress) return true;
  return false;
}

void Outbox::progress(std::uint32_t place, const protocol::Told& body) {
  AnswerPlace& at = places_[place];
  SIGNALBOX_CHECK(at.state == State::reserved || at.state == State::progress);
  if (at.state == State::reserved) at.sequence = ++sequence_;
  at.answer.body = body;
  at.state = State::progress;
}

void Outbox::finish(std::uint32_t place, const protocol::Told& body) {
  progress(place, body);
  AnswerPlace& at = places_[place];
  at.state = State::ready;
  at.follows_frames = must_follow_frames(body);
  if (!at.follows_frames) return;
  at.frames_first = frames_left_ + frames_.size();
  ++follow_frames_;
}

void Outbox::finish_rendered(std::uint32_t place, FrameId frame) {
  finish(place, protocol::Pong{});
  places_[place].rendered = frame;
}

bool Outbox::has_rendered() const { return frames_held() > frames_.size(); }

std::size_t Outbox::frames_held() const {
  std::size_t held = frames_.size();
  for (std::uint32_t i = 0; i < used_; ++i) held += places_[i].rendered != kNoFrame ? 1 : 0;
  return held;
}

AnswerPlace* Outbox::next_answer(std::uint64_t after_sequence) {
  if (taken_ == 0) return nullptr;
  AnswerPlace* next = nullptr;
  for (std::uint32_t i = 0; i < used_; ++i) {
    AnswerPlace& place = places_[i];
    if (!is_waiting(place) || place.sequence <= after_sequence) continue;
    if (place.frames_first > frames_left_ && has_telemetry()) continue;
    if (next == nullptr || place.sequence < next->sequence) next = &place;
  }
  return next;
}

void Outbox::answered(AnswerPlace& place) {
  if (place.state == State::progress) {
    place.state = State::reserved;
    return;
  }
  if (place.follows_frames) --follow_frames_;
  vacate(place);
}

void Outbox::replace(AnswerPlace& place, const protocol::Told& body) {
  SIGNALBOX_CHECK(place.state == State::ready);
  if (place.follows_frames) --follow_frames_;
  place.follows_frames = false;
  place.frames_first = 0;  // telemetry since then comes after it
  place.answer.body = body;
}

void Outbox::go_on_later(AnswerPlace& place) {
  SIGNALBOX_CHECK(place.state == State::ready);
  place.sequence = ++sequence_;
  place.frames_first = frames_left_ + frames_.size() + (folded().any() ? 1 : 0);
}

bool Outbox::offer(FramePool& pool, FrameId frame) {
  if (!takes_frames()) return false;
  pool.hold(frame);
  return frames_.push(frame);
}

void Outbox::fold(device::ChannelIndex channel, const device::Latest& latest) {
  if (!folded_.test(channel)) folds_[channel] = {};
  folded_.set(channel);
  has_folds_ = true;
  ++folded_in_all_;
  if (latest.was_read)
    folds_[channel].add(device::as_number(latest.sample.value));
  else
    folds_[channel].add_without_number();
}

void Outbox::tell_measure(const device::ChannelSet& channels) {
  for (std::size_t i = 0; i < folds_.size(); ++i)
    if (channels.test(i) && !folded_.test(i)) folds_[i] = {};
  unmeasured_ |= channels;
  has_folds_ = (folded_ | unmeasured_).any();
}

FrameId Outbox::next_frame() {
  if (frames_.empty()) return kNoFrame;
  const FrameId frame = frames_.front();
  frames_.pop();
  ++frames_left_;
  return frame;
}

void Outbox::clear_telemetry(FramePool& pool) {
  for (FrameId frame = next_frame(); frame != kNoFrame; frame = next_frame()) pool.let_go(frame);
  clear_folds(~device::ChannelSet{});
  held_.reset();
}

void Outbox::clear(FramePool& pool) {
  clear_telemetry(pool);
  for (std::uint32_t i = 0; i < used_; ++i) {
    if (places_[i].rendered != kNoFrame) pool.let_go(places_[i].rendered);
    places_[i] = AnswerPlace{};
  }
  taken_ = 0;
  used_ = 0;
  follow_frames_ = 0;
}

}  // namespace signalbox::session
