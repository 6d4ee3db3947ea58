#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/ring.hpp"
#include "protocol/message.hpp"
#include "session/frame_pool.hpp"

namespace signalbox::session {

/// One reserved place for an answer, kept from the request until its final answer is on the wire.
struct AnswerPlace {
  enum class State : std::uint8_t {
    free,
    reserved,  ///< asked, not answered
    progress,  ///< an interim answer waits; the next one overwrites it
    ready,     ///< the final answer waits
  };
  State state = State::free;
  std::uint64_t sequence = 0;  ///< answers leave in the order they became ready
  std::uint64_t behind = 0;    ///< how much telemetry had come to the outbox when it became ready
  protocol::Answer answer{};
  FrameId rendered = kNoFrame;  ///< an answer that had to be rendered when it was made
};

/// Everything one session is owed. Answers have reserved places and always go first; telemetry waits in a
/// short row of shared frames and folds where the row is full.
class Outbox {
 public:
  Outbox(std::span<AnswerPlace> places, std::span<FrameId> frames, std::span<protocol::Fold> folds)
      : places_{places}, frames_{frames}, folds_{folds} {
    for (AnswerPlace& place : places_) place = AnswerPlace{};  // the memory may have served before
  }

  /// A place for the answer to a request; none where all are taken.
  std::optional<std::uint32_t> reserve(const protocol::ReplyHeader& header);
  std::size_t free_places() const { return places_.size() - taken_; }

  void set_header(std::uint32_t place, const protocol::ReplyHeader& header) {
    places_[place].answer.header = header;
  }
  void progress(std::uint32_t place, const protocol::Told& body);
  void finish(std::uint32_t place, const protocol::Told& body);
  /// Finishes with what leaves after all other answers, whenever those become ready.
  void finish_last(std::uint32_t place, const protocol::Told& body);
  /// Finishes with a text rendered already; takes over the caller's hold on the frame.
  void finish_rendered(std::uint32_t place, FrameId frame);

  AnswerPlace& place(std::uint32_t index) { return places_[index]; }
  std::uint32_t index_of(const AnswerPlace& place) const {
    return static_cast<std::uint32_t>(&place - places_.data());
  }

  /// The first answer that waits, of those after that sequence number; nullptr: none.
  AnswerPlace* next_answer(std::uint64_t after = 0);
  /// Whether telemetry must leave before this answer: what waited when an answer about subscriptions became
  /// ready, and all frames before a snapshot, which tells what is newer.
  bool must_follow_telemetry(const AnswerPlace& place) const;
  /// The answer's text stands: a final one frees its place; after a snapshot its `synced` follows from the
  /// same place, with the snapshot's offset.
  void rendered(AnswerPlace& place, std::uint64_t offset);

  /// Adds a telemetry frame (and holds it), or says no: then fold.
  bool offer(FramePool& pool, FrameId frame);
  /// A waiting snapshot takes no more frames before itself: what comes is folded, and told after it.
  bool takes_frames() const { return !frames_.full() && folded_.none() && !snapshot_waits(); }
  void fold(device::ChannelIndex channel, double value);

  /// The oldest waiting telemetry frame; its hold passes to the caller. kNoFrame: none.
  FrameId next_frame();
  const device::ChannelSet& folded() const { return folded_; }
  std::span<const protocol::Fold> folds() const { return folds_; }
  /// These were sent.
  void clear_folds(const device::ChannelSet& sent);

  /// Frames held here, waiting telemetry and rendered answers.
  std::size_t frames_held() const;
  bool has_telemetry() const { return !frames_.empty() || folded_.any(); }
  bool empty() { return next_answer() == nullptr && !has_telemetry(); }
  /// Frees everything that is held.
  void clear(FramePool& pool);
  /// Drops what waits of telemetry.
  void clear_telemetry(FramePool& pool);

 private:
  std::span<AnswerPlace> places_;
  Ring<FrameId> frames_;
  std::span<protocol::Fold> folds_;
  device::ChannelSet folded_;
  bool snapshot_waits() const;

  std::size_t taken_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t came_ = 0;  ///< telemetry frames, and rows of folds
  std::uint64_t left_ = 0;
};

}  // namespace signalbox::session
