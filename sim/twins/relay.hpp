#pragma once

#include "sim/twins/line.hpp"

namespace signalbox::sim::twins {

/// A relay: its coil hangs on an output line, a sense line follows its contact, which moves 8 ms later.
class Relay final : public Line {
 public:
  static constexpr Duration kOperateTime = from_ms(8);

  Line& coil() { return *this; }
  Line& sense() { return sense_; }
  /// Whether the contact is closed.
  bool closed(Instant at) const {
    return welded_ || (at - driven_at_ >= kOperateTime ? coil_ : contact_before_);
  }
  /// When the coil last changed its level.
  Instant driven_at() const { return driven_at_; }
  /// How often it was driven, also where that changed nothing.
  unsigned drives() const { return drives_; }
  /// Welds the contact shut, as worn relays do; the coil still takes its level.
  void weld(bool welded) { welded_ = welded; }

 private:
  /// The auxiliary contact, a line of its own.
  class Sense final : public Line {
   public:
    explicit Sense(const Relay& relay) : relay_{relay} {}

   private:
    bool do_level(Instant at) override { return relay_.closed(at); }
    const Relay& relay_;
  };

  void do_drive(Instant at, bool level) override {
    ++drives_;
    if (level == coil_) return;
    contact_before_ = closed(at);
    coil_ = level;
    driven_at_ = at;
  }
  bool do_level(Instant /*at*/) override { return coil_; }

  Sense sense_{*this};
  bool coil_ = false;
  unsigned drives_ = 0;
  bool contact_before_ = false;
  bool welded_ = false;
  Instant driven_at_{};
};

}  // namespace signalbox::sim::twins
