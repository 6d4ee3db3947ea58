#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/check.hpp"
#include "base/pool_gauge.hpp"

namespace signalbox::session {

/// A frame's place in its pool, counted from 1, so that memory that is all zero names none.
using FrameId = std::uint32_t;
inline constexpr FrameId kNoFrame = 0;

/// Blocks of equal size for message texts, each held by any number of holders: telemetry is encoded once and
/// sent to all. The last holder to let go frees it.
class FramePool {
 public:
  struct Frame {
    std::uint32_t holders = 0;
    std::uint32_t size = 0;
    FrameId next_free = kNoFrame;
  };

  /// `bytes` is shared out equally.
  FramePool(std::span<Frame> frames, std::span<char> bytes)
      : frames_{frames}, bytes_{bytes}, frame_bytes_{frames.empty() ? 0 : bytes.size() / frames.size()} {
    gauge_.capacity = frames.size();
  }

  /// An empty frame with one holder; kNoFrame where all are in use.
  FrameId take() { return take_leaving(0); }
  /// For what can fold or be refused: an eighth of the frames, at least one, is left to long answers.
  FrameId take_spare() { return take_leaving(std::max<std::size_t>(frames_.size() / 8, 1)); }

  void hold(FrameId id) {
    ++held(id).holders;
    ++holders_;
  }
  void let_go(FrameId id) {
    Frame& frame = held(id);
    --holders_;
    if (--frame.holders > 0) return;
    frame.next_free = first_free_;
    first_free_ = id;
    gauge_.gave_back();
  }

  std::span<char> memory(FrameId id) { return bytes_.subspan((id - 1) * frame_bytes_, frame_bytes_); }
  void set_size(FrameId id, std::size_t size) { held(id).size = static_cast<std::uint32_t>(size); }
  std::string_view text(FrameId id) const {
    return {bytes_.data() + (id - 1) * frame_bytes_, frames_[id - 1].size};
  }

  /// All holders of all frames, for checking that they add up.
  std::size_t holders() const { return holders_; }
  const PoolGauge& gauge() const { return gauge_; }

 private:
  FrameId take_leaving(std::size_t left) {
    if (frames_.size() - gauge_.used <= left) {
      ++gauge_.refused;
      return kNoFrame;
    }
    FrameId id = first_free_;
    if (id != kNoFrame)
      first_free_ = frames_[id - 1].next_free;
    else
      id = ++ever_used_;
    frames_[id - 1] = {.holders = 1};
    ++holders_;
    gauge_.took();
    return id;
  }
  Frame& held(FrameId id) {
    SIGNALBOX_CHECK(id != kNoFrame && id <= frames_.size() && frames_[id - 1].holders > 0);
    return frames_[id - 1];
  }

  std::span<Frame> frames_;
  std::span<char> bytes_;
  std::size_t frame_bytes_;
  FrameId first_free_ = kNoFrame;
  FrameId ever_used_ = 0;  ///< frames beyond were never touched, so they cost no memory yet
  std::size_t holders_ = 0;
  PoolGauge gauge_;
};

}  // namespace signalbox::session
