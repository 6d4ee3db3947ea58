#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/ring.hpp"
#include "device/values.hpp"
#include "protocol/message.hpp"
#include "session/frame_pool.hpp"

namespace signalbox::session {

/// One reserved place for an answer, kept from the request until its final answer is rendered for the wire.
struct AnswerPlace {
  enum class State : std::uint8_t {
    free,
    reserved,  ///< asked, not answered
    progress,  ///< an interim answer waits; the next one overwrites it
    ready,     ///< the final answer waits
  };
  State state = State::free;
  bool follows_frames = false;     ///< leaves only after the frames that waited when it became ready
  std::uint64_t sequence = 0;      ///< answers leave in the order they became ready
  std::uint64_t frames_first = 0;  ///< how many frames must have left this outbox before it, if they wait
  protocol::Answer answer{};
  FrameId rendered = kNoFrame;  ///< an answer that had to be rendered when it was made
};

/// One session's share of all places. They lie as a pack of cards was dealt: all sessions' first ones side by
/// side, so that the memory of further ones is touched only by those who ask for much at once.
class AnswerPlaces {
 public:
  AnswerPlaces() = default;
  AnswerPlaces(std::span<AnswerPlace> all, std::size_t index, std::size_t shares)
      : first_{all.data() + index}, step_{shares}, size_{all.size() / shares} {}

  AnswerPlace& operator[](std::size_t i) const { return first_[i * step_]; }
  std::size_t size() const { return size_; }
  std::uint32_t index_of(const AnswerPlace& place) const {
    return static_cast<std::uint32_t>(static_cast<std::size_t>(&place - first_) / step_);
  }

 private:
  AnswerPlace* first_ = nullptr;
  std::size_t step_ = 1;
  std::size_t size_ = 0;
};

/// Everything one session is owed. Answers have reserved places and go first; telemetry waits in a short row
/// of shared frames and folds where the row is full.
///
/// A snapshot and the end of a subscription tell a state that telemetry rendered earlier must not undo. They
/// leave after the frames that waited already, and while one of them waits, new telemetry folds instead of
/// joining the row: so they are never held up for long, and offsets never go back.
class Outbox {
 public:
  /// The places' memory may have served before.
  Outbox(AnswerPlaces places, std::span<FrameId> frames, std::span<protocol::Fold> folds)
      : frames_{frames}, places_{places}, folds_{folds} {}

  /// A place for the answer to a request; none where all are taken.
  std::optional<std::uint32_t> reserve(const protocol::ReplyHeader& header);
  /// Gives it back: there will be no answer.
  void release(std::uint32_t place);
  /// What the answer in that place, which is not given yet, will begin with.
  const protocol::ReplyHeader& header(std::uint32_t place) const { return places_[place].answer.header; }
  std::size_t free_places() const { return places_.size() - taken_; }
  /// Whether nobody waits for an answer, or has one waiting.
  bool owes_nothing() const { return taken_ == 0; }
  /// Whether a request has not been answered finally yet.
  bool awaits_answers() const;

  void progress(std::uint32_t place, const protocol::Told& body);
  void finish(std::uint32_t place, const protocol::Told& body);
  /// Finishes with a text rendered already; takes over the caller's hold on the frame.
  void finish_rendered(std::uint32_t place, FrameId frame);
  bool has_rendered() const;

  /// The oldest answer that may leave now and became ready after the one of that sequence; nullptr: none.
  AnswerPlace* next_answer(std::uint64_t after_sequence = 0);
  /// The answer was rendered: a final one frees its place.
  void answered(AnswerPlace& place);
  /// The answer was rendered, or cannot be: this one leaves from the same place instead.
  void replace(AnswerPlace& place, const protocol::Told& body);
  /// Part of the answer was rendered and more is to come from the same place: first whatever else waits now.
  void go_on_later(AnswerPlace& place);
  std::uint32_t index_of(const AnswerPlace& place) const { return places_.index_of(place); }

  /// Adds a telemetry frame (and holds it), or says no: then fold.
  bool offer(FramePool& pool, FrameId frame);
  bool takes_frames() const { return !frames_.full() && !has_folds_ && follow_frames_ == 0; }
  void fold(device::ChannelIndex channel, const device::Latest& latest);
  /// What these channels are measured in changed: that is told with a sample of each.
  void tell_measure(const device::ChannelSet& channels);

  /// The oldest waiting telemetry frame; its hold passes to the caller. kNoFrame: none.
  FrameId next_frame();
  /// What was folded, or has its measure to tell, and may leave.
  device::ChannelSet folded() const {
    return has_folds_ ? (folded_ | unmeasured_) & ~held_ : device::ChannelSet{};
  }
  const device::ChannelSet& unmeasured() const { return unmeasured_; }
  /// What is folded of these channels stays here for the time being.
  void hold_folds(const device::ChannelSet& channels) { held_ = channels; }
  std::span<const protocol::Fold> folds() const { return folds_; }
  /// Samples that were folded here since the beginning.
  std::uint64_t folded_in_all() const { return folded_in_all_; }
  void clear_folds(const device::ChannelSet& channels) {
    folded_ &= ~channels;
    unmeasured_ &= ~channels;
    has_folds_ = (folded_ | unmeasured_).any();
  }
  /// Folds of these channels were sent.
  void sent_folds(const device::ChannelSet& channels) {
    clear_folds(channels);
    ++frames_left_;
  }

  /// Frames held here: waiting telemetry and rendered answers.
  std::size_t frames_held() const;
  bool has_telemetry() const { return !frames_.empty() || (has_folds_ && folded().any()); }
  bool empty() { return next_answer() == nullptr && !has_telemetry(); }
  /// Frees everything that is held.
  void clear(FramePool& pool);
  /// Drops what waits of telemetry.
  void clear_telemetry(FramePool& pool);

 private:
  void vacate(AnswerPlace& place);

  // First what each delivery looks at, see Session.
  Ring<FrameId> frames_;
  std::uint64_t frames_left_ = 0;    ///< how many frames have left, and folds
  std::uint32_t taken_ = 0;          ///< places
  std::uint32_t follow_frames_ = 0;  ///< waiting answers that follow frames
  /// Places from the first on that were taken since all were free; the others hold anything.
  std::uint32_t used_ = 0;
  bool has_folds_ = false;  ///< something is folded, or has its measure to tell
  AnswerPlaces places_;
  std::uint64_t sequence_ = 0;
  std::uint64_t folded_in_all_ = 0;
  std::span<protocol::Fold> folds_;
  device::ChannelSet folded_;
  device::ChannelSet unmeasured_;  ///< their measures changed since they were told
  device::ChannelSet held_;
};

}  // namespace signalbox::session
