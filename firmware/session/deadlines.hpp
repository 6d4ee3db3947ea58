#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/check.hpp"
#include "base/instant.hpp"

namespace signalbox::session {

/// When each session has to be looked at next, by its place. These moments lie side by side, eight in a cache
/// line: to find who is due nothing of the others is touched, and while nobody is, one moment is all there is
/// to look at.
class Deadlines {
 public:
  /// No session needs its moment more exactly: they are looked at ten times a second at most, those that come
  /// near each other together.
  static constexpr Duration kTogether = from_ms(100);

  explicit Deadlines(std::span<Instant> places) : places_{places} {}

  /// A session that comes or goes: nobody has to look at it.
  void clear(std::uint32_t place) {
    SIGNALBOX_CHECK(place < places_.size());
    for (; ever_used_ <= place; ++ever_used_) places_[ever_used_] = kNever;
    places_[place] = kNever;
  }
  /// It has to be looked at from then on, if not before; up to `kTogether` later will do.
  void bring_forward(std::uint32_t place, Instant to) {
    if (to >= places_[place]) return;
    set(place, std::min(places_[place], next_multiple(to - Duration{1}, kTogether)));
  }
  /// It has to be looked at within `kTogether`, but not now.
  void soon(std::uint32_t place, Instant now) { bring_forward(place, now + Duration{1}); }
  void at_once(std::uint32_t place) { set(place, Instant::min()); }
  /// When to look; not later than the first of them.
  Instant first() const { return first_; }

  /// Calls `look(place)` for each that is due, which may change any and returns when to come again.
  template <typename Look>
  void each_due(Instant now, Look&& look) {
    if (now < first_) return;
    first_ = kNever;
    for (std::uint32_t place = 0; place < ever_used_; ++place) {
      if (places_[place] <= now) {
        places_[place] = kNever;
        bring_forward(place, look(place));
      }
      first_ = std::min(first_, places_[place]);
    }
  }

 private:
  void set(std::uint32_t place, Instant at) {
    places_[place] = at;
    first_ = std::min(first_, at);
  }

  std::span<Instant> places_;
  std::uint32_t ever_used_ = 0;  ///< places beyond hold anything, and cost no memory yet
  Instant first_ = kNever;
};

}  // namespace signalbox::session
