#pragma once

#include <array>
#include <cstddef>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

/// Credentials for one handshake: 256 random bits, shown in a URL, where logs and histories see them, and so
/// worth nothing half a minute later or once they were shown.
class Tickets {
 public:
  static constexpr Duration kValid = from_ms(30'000);
  /// Each is used within a moment by whom it was made for.
  static constexpr std::size_t kTicketsMax = 16;
  /// The most unused tickets of one credential: whoever never uses theirs leaves places to others.
  static constexpr std::size_t kOfOneMax = 2;

  /// For whom stands behind it then. Errors: `busy` where they have enough, `overloaded` where all have, each
  /// with when a place is free; `failed` without good randomness.
  Result<FixedText<43>> make(const Principal& who, Instant now, Random& random);
  /// Those of whoever that certificate let in are worth nothing any more.
  void forget_certified(std::string_view certificate);
  /// Whom it was made for, once; `unauthenticated` where it is none of ours, or is no more.
  Result<Principal> redeem(std::string_view ticket, Instant now);

 private:
  struct Ticket {
    FixedText<43> text;  ///< empty: the place is free
    Principal who;
    Instant ends{};
  };
  std::array<Ticket, kTicketsMax> tickets_{};
};

}  // namespace signalbox::trust
