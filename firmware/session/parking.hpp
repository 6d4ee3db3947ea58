#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
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
  FixedText<31> name{};        ///< of its principal
  FixedText<43> credential{};  ///< what its principal had shown, and the key that signed it
  FixedText<43> key{};
  FixedText<43> certificate{};  ///< that let it in
  Instant until{};
};

/// Keeps the holdings of sessions that are gone until they return or their time is up. All are kept equally
/// long. Where there is no place, those of sessions that have returned go first, and who holds nothing is not
/// kept; then goes the oldest of the same principal, so that nobody who comes and goes costs others theirs,
/// and only then the oldest of all.
class Parking {
 public:
  explicit Parking(std::span<Parked> slots) : slots_{slots} {}

  /// Keeps that from now on. Calls `leave(parked)` for whom there was no place any more.
  template <typename Leave>
  void park(const Parked& gone, bool holds_anything, Instant now, Leave&& leave) {
    if (size_ == slots_.size()) forget_returned();
    if (size_ == slots_.size()) {
      if (!holds_anything) return leave(gone);
      drop_oldest_of(gone.name, leave);
    }
    Parked& kept = slots_[(first_ + size_++) % slots_.size()];
    kept = gone;
    kept.until = now + kResumeWindow;
  }
  /// The holdings of that session, which are its new owner's from now on; none where its time is up.
  std::optional<Parked> take(Handle session);
  /// Gives up the holdings that `is_void(parked)`, calling `leave(parked)` for each.
  template <typename IsVoid, typename Leave>
  void drop_if(IsVoid&& is_void, Leave&& leave) {
    for (std::size_t i = 0; i < size_; ++i) {
      Parked& parked = slots_[(first_ + i) % slots_.size()];
      if (parked.holder == control::kNobody || !is_void(parked)) continue;
      leave(parked);
      parked.holder = control::kNobody;
    }
  }
  /// Calls `leave(parked)` for all that did not return in time.
  template <typename Leave>
  void step(Instant now, Leave&& leave) {
    while (next() <= now) drop_oldest(leave);
  }
  /// When the time of the first one is up.
  Instant next() const { return size_ > 0 ? slots_[first_].until : kNever; }

 private:
  template <typename Leave>
  void drop_oldest(Leave&& leave) {
    const Parked parked = slots_[first_];
    first_ = (first_ + 1) % slots_.size();
    --size_;
    if (parked.holder != control::kNobody) leave(parked);
  }

  template <typename Leave>
  void drop_oldest_of(std::string_view name, Leave&& leave) {
    for (std::size_t i = 0; i < size_; ++i) {
      Parked& parked = slots_[(first_ + i) % slots_.size()];
      if (parked.name.view() != name) continue;
      leave(parked);
      parked.holder = control::kNobody;
      return forget_returned();
    }
    drop_oldest(leave);
  }

  void forget_returned();

  std::span<Parked> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace signalbox::session
