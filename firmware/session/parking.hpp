#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/instant.hpp"
#include "base/slot_pool.hpp"
#include "control/actor.hpp"
#include "session/subscription_terms.hpp"

namespace signalbox::session {

/// How long a session's holdings are kept for its return.
inline constexpr Duration kResumeWindow = from_ms(60'000);

/// What a session that is gone held.
struct Parked {
  Handle session;
  control::Holder holder = control::kNobody;
  std::uint32_t groups = 0;  ///< bits of `People`
  SubscriptionList subscriptions{};
  Instant until{};
};

/// Keeps the holdings of sessions that are gone until they return or their time is up. All are kept equally
/// long, so the oldest is the first to go; where there is no place it goes early, but not before the places
/// of those that have returned.
class Parking {
 public:
  explicit Parking(std::span<Parked> slots) : slots_{slots} {}

  /// Keeps that from now on. Calls `leave(parked)` for whom there was no place any more.
  template <typename Leave>
  void park(const Parked& gone, Instant now, Leave&& leave) {
    if (size_ == slots_.size()) forget_returned();
    if (size_ == slots_.size()) drop_oldest(leave);
    Parked& kept = slots_[(first_ + size_++) % slots_.size()];
    kept = gone;
    kept.until = now + kResumeWindow;
  }
  /// The holdings of that session, which are its new owner's from now on; none where its time is up.
  std::optional<Parked> take(Handle session);
  /// Calls `leave(parked)` for all that did not return in time.
  template <typename Leave>
  void step(Instant now, Leave&& leave) {
    while (size_ > 0 && slots_[first_].until <= now) drop_oldest(leave);
  }

 private:
  template <typename Leave>
  void drop_oldest(Leave&& leave) {
    const Parked parked = slots_[first_];
    first_ = (first_ + 1) % slots_.size();
    --size_;
    if (parked.holder != control::kNobody) leave(parked);
  }

  void forget_returned();

  std::span<Parked> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace signalbox::session
