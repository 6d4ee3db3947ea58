#pragma once

#include "sim/dice.hpp"
#include "sim/storm/tongue.hpp"
#include "sim/storm/wire.hpp"

namespace signalbox::sim::storm {

/// 0 ms up to and without `max`.
inline Duration some_ms(Dice& dice, std::int64_t max) { return from_ms(dice.below(max)); }

/// How a client behaves, by chance.
struct Character {
  enum class Credential : std::uint8_t { bearer, authenticate, wrong_bearer, wrong_first, only_wrong, never };
  enum class Reader : std::uint8_t { prompt, slow, stalls, never };
  enum class Fate : std::uint8_t {
    stays,
    hangs_up,
    is_cut,
    sends_nonsense,
    sends_oversized,
    leaves_unfinished
  };
  Credential credential = Credential::bearer;
  Reader reader = Reader::prompt;
  Fate fate = Fate::stays;
  Tongue::Kind tongue = Tongue::Kind::envelope;
  bool numbers_requests = false;  ///< ids are numbers, where the dialect knows such
  bool settles = false;           ///< subscribes a few times at most and then only listens
  Instant arrives{};
  Instant fate_at = kNever;
  std::uint32_t think_max_ms = 100;
  std::uint32_t burst_max = 1;  ///< messages at once
  double rudeness = 0.0;
  double in_pieces = 0.0;  ///< chance of a message to be sent in pieces
  bool pongs = true;
  Link link;

  static Character roll(Dice& dice, Instant arrives, Instant until);
  /// Of somebody who comes back: knows how to come in, and goes on listening.
  static Character roll_return(Dice& dice, Instant arrives, Instant until);
  /// Of somebody who asks one thing by HTTP.
  static Character roll_caller(Dice& dice, Instant arrives);
};

}  // namespace signalbox::sim::storm
