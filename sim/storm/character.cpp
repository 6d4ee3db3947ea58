#include "sim/storm/character.hpp"

#include <array>

namespace signalbox::sim::storm {
namespace {

using Credential = Character::Credential;
using Reader = Character::Reader;
using Fate = Character::Fate;

/// `choice` with the chance `part` in a hundred each, in their order; the first one takes the rest.
template <typename T, std::size_t kCount>
T pick(Dice& dice, const std::array<std::pair<T, unsigned>, kCount>& choices) {
  unsigned roll = dice.below(100U);
  for (std::size_t i = 1; i < kCount; ++i) {
    if (roll < choices[i].second) return choices[i].first;
    roll -= choices[i].second;
  }
  return choices[0].first;
}

}  // namespace

Character Character::roll(Dice& dice, Instant arrives, Instant until) {
  using Credentials = std::array<std::pair<Credential, unsigned>, 6>;
  using Readers = std::array<std::pair<Reader, unsigned>, 4>;
  using Fates = std::array<std::pair<Fate, unsigned>, 6>;
  Character character;
  character.credential = pick(dice, Credentials{{{Credential::bearer, 0},
                                                 {Credential::authenticate, 35},
                                                 {Credential::wrong_bearer, 4},
                                                 {Credential::wrong_first, 6},
                                                 {Credential::only_wrong, 3},
                                                 {Credential::never, 4}}});
  character.reader = pick(
      dice, Readers{{{Reader::prompt, 0}, {Reader::slow, 20}, {Reader::stalls, 20}, {Reader::never, 8}}});
  character.fate = pick(dice, Fates{{{Fate::stays, 0},
                                     {Fate::hangs_up, 15},
                                     {Fate::is_cut, 20},
                                     {Fate::sends_nonsense, 3},
                                     {Fate::sends_oversized, 4},
                                     {Fate::leaves_unfinished, 6}}});
  character.tongue = dice.chance(0.3) ? Tongue::Kind::jsonrpc : Tongue::Kind::envelope;
  character.numbers_requests = dice.chance(0.5);
  character.settles = dice.chance(0.4);
  character.arrives = arrives;
  character.fate_at = arrives + dice.below(until - arrives);
  constexpr std::array<std::uint32_t, 5> kThinkMax_ms{5, 20, 60, 150, 400};
  const std::size_t calmness = character.reader == Reader::prompt ? 0 : 1;
  character.think_max_ms = kThinkMax_ms[calmness + dice.below(kThinkMax_ms.size() - calmness)];
  character.burst_max = character.think_max_ms >= 60 && dice.chance(0.4) ? 8 : 1;
  character.rudeness = dice.chance(0.3) ? 0.15 : 0.01;
  character.in_pieces = dice.chance(0.4) ? 0.4 : 0.02;
  character.pongs = !dice.chance(0.1);
  character.link.up = dice.below(Duration{30'000});
  character.link.down = dice.below(Duration{30'000});
  character.link.unread_max = character.reader == Reader::prompt ? Wire::kUnlimited : 1 + dice.below(4U);
  character.link.finishes_upgrade = !dice.chance(0.03);
  return character;
}

Character Character::roll_return(Dice& dice, Instant arrives, Instant until) {
  Character character = roll(dice, arrives, until);
  if (character.credential != Credential::authenticate) character.credential = Credential::bearer;
  character.settles = true;
  return character;
}

Character Character::roll_caller(Dice& dice, Instant arrives) {
  using Credentials = std::array<std::pair<Credential, unsigned>, 3>;
  using Readers = std::array<std::pair<Reader, unsigned>, 3>;
  using Fates = std::array<std::pair<Fate, unsigned>, 4>;
  Character character;
  character.tongue = Tongue::Kind::http;
  character.credential = pick(
      dice, Credentials{{{Credential::bearer, 0}, {Credential::wrong_bearer, 6}, {Credential::never, 6}}});
  character.reader = pick(dice, Readers{{{Reader::prompt, 0}, {Reader::slow, 15}, {Reader::never, 5}}});
  character.fate =
      pick(dice,
           Fates{{{Fate::stays, 0}, {Fate::hangs_up, 20}, {Fate::is_cut, 20}, {Fate::leaves_unfinished, 5}}});
  character.arrives = arrives;
  character.fate_at =
      arrives + Duration{static_cast<Duration::rep>(dice.below(dice.chance(0.5) ? 60'000 : 700'000))};
  character.in_pieces = 0.3;
  character.pongs = false;
  character.link.up = Duration{static_cast<Duration::rep>(dice.below(30'000))};
  character.link.down = Duration{static_cast<Duration::rep>(dice.below(30'000))};
  character.link.unread_max = character.reader == Reader::prompt ? Wire::kUnlimited : 1 + dice.below(4);
  return character;
}

}  // namespace signalbox::sim::storm
