#pragma once

#include "session/context.hpp"
#include "session/exchange.hpp"
#include "session/frame_pool.hpp"

namespace signalbox::session {

/// An answer whose content exists only while the request is served, so it is rendered at once, into a frame
/// of its own. A session may have one such answer waiting: who asks and does not read must not use up
/// everybody's frames.
class PromptAnswer {
 public:
  PromptAnswer(const Context& context, FramePool& frames, const Exchange& exchange)
      : context_{context}, frames_{frames}, exchange_{exchange} {}
  PromptAnswer(const PromptAnswer&) = delete;
  PromptAnswer& operator=(const PromptAnswer&) = delete;
  ~PromptAnswer() {
    if (frame_ != kNoFrame) frames_.let_go(frame_);
  }

  /// Whether the answer has room. Where not, the request has been answered with why. Ask before doing
  /// anything whose result only the answer tells.
  bool has_room();
  /// Gives the answer; `too_long` is answered instead where it does not fit.
  void give(const protocol::Told& told, const Error& too_long);
  /// Renders the answer into a frame, which the caller then owns, for `Outbox::finish_rendered`. kNoFrame
  /// where it does not fit: then the request has been answered with `too_long`.
  FrameId write(const protocol::Told& told, const Error& too_long);

 private:
  const Context& context_;
  FramePool& frames_;
  const Exchange& exchange_;
  FrameId frame_ = kNoFrame;
};

}  // namespace signalbox::session
