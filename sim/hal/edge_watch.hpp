#pragma once

#include "hal/digital.hpp"

namespace signalbox::sim {

/// An input's level and edges as the kernel tells them: debounced by waiting until the level has stayed.
class EdgeWatch {
 public:
  void begin(Instant at, const hal::InputSetup& setup, bool level) {
    setup_ = setup;
    begin(at, level);
  }
  /// Anew.
  void begin(Instant at, bool level) {
    raw_ = level_ = level;
    changed_at_ = at;
    edges_ = {};
    if (setup_.edges != hal::Edges::none) edges_.since = at;
  }
  /// The line's level at that moment; moments come in order.
  void see(Instant at, bool level) {
    settle(at);
    if (level != raw_) changed_at_ = at;
    raw_ = level;
    settle(at);
  }
  bool level() const { return level_; }
  const hal::EdgeTally& edges() const { return edges_; }

 private:
  void settle(Instant now) {
    const Instant settled_at = changed_at_ + setup_.debounce;
    if (raw_ == level_ || now < settled_at) return;
    level_ = raw_;
    const hal::Edges edge = level_ ? hal::Edges::rising : hal::Edges::falling;
    if (setup_.edges != edge && setup_.edges != hal::Edges::both) return;
    edges_.last_apart = edges_.count == 0 ? Duration{0} : settled_at - edges_.last_at;
    edges_.last_at = settled_at;
    ++edges_.count;
  }

  hal::InputSetup setup_{};
  bool raw_ = false;
  bool level_ = false;
  Instant changed_at_{};
  hal::EdgeTally edges_{};
};

}  // namespace signalbox::sim
