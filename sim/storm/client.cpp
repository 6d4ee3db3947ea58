#include "sim/storm/client.hpp"

#include <algorithm>
#include <array>

namespace signalbox::sim::storm {
namespace {

using Credential = Character::Credential;
using Reader = Character::Reader;
using Fate = Character::Fate;

Duration some_ms(Dice& dice, std::uint64_t max) {
  return from_ms(static_cast<std::int64_t>(dice.below(max)));
}

/// `choice` with the chance `part` in a hundred each, in their order; the first one takes the rest.
template <typename T, std::size_t kCount>
T pick(Dice& dice, const std::array<std::pair<T, unsigned>, kCount>& choices) {
  std::uint64_t roll = dice.below(100);
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
                                     {Fate::is_cut, 15},
                                     {Fate::sends_nonsense, 3},
                                     {Fate::sends_oversized, 4},
                                     {Fate::leaves_unfinished, 6}}});
  character.arrives = arrives;
  const auto left = static_cast<std::uint64_t>((until - arrives).count());
  character.fate_at = arrives + Duration{static_cast<Duration::rep>(dice.below(left))};
  constexpr std::array<std::uint32_t, 5> kThinkMax_ms{5, 20, 60, 150, 400};
  const std::size_t calmness = character.reader == Reader::prompt ? 0 : 1;
  character.think_max_ms = kThinkMax_ms[calmness + dice.below(kThinkMax_ms.size() - calmness)];
  character.burst_max = character.think_max_ms >= 60 && dice.chance(0.4) ? 8 : 1;
  character.rudeness = dice.chance(0.3) ? 0.15 : 0.01;
  character.in_pieces = dice.chance(0.4) ? 0.4 : 0.02;
  character.pongs = !dice.chance(0.1);
  character.link.up = Duration{static_cast<Duration::rep>(dice.below(30'000))};
  character.link.down = Duration{static_cast<Duration::rep>(dice.below(30'000))};
  character.link.unread_max = character.reader == Reader::prompt ? Wire::kUnlimited : 1 + dice.below(4);
  character.link.finishes_upgrade = !dice.chance(0.03);
  return character;
}

Client::Client(std::uint32_t number, const Character& character, const Speech::Subject& subject,
               Witness& witness, Wire& wire, Dice dice)
    : name_{"client " + std::to_string(number)},
      character_{character},
      witness_{witness},
      wire_{wire},
      dice_{dice},
      token_{subject.token},
      speech_{subject, number, dice_},
      book_{witness, name_, character.credential == Credential::bearer, character.link.down,
            character.reader == Reader::prompt} {}

Instant Client::next() const {
  switch (state_) {
    case State::away: return is_silent_ ? kNever : character_.arrives;
    case State::open: {
      if (is_silent_) return kNever;
      const bool fated = character_.fate != Fate::stays && !is_cut_;
      return std::min(talks_at_, fated ? character_.fate_at : kNever);
    }
    default: return kNever;
  }
}

void Client::act(Instant now) {
  if (next() > now) return;
  if (state_ == State::away) {
    std::string bearer;
    if (character_.credential == Credential::bearer) bearer = token_;
    if (character_.credential == Credential::wrong_bearer) bearer = "wrong";
    state_ = State::arriving;
    connection_ = wire_.connect(*this, character_.link, bearer, now);
    witness_.trace.line("%s is connection %u, reads %d, credential %d, fate %d", name_.c_str(), connection_,
                        static_cast<int>(character_.reader), static_cast<int>(character_.credential),
                        static_cast<int>(character_.fate));
    return;
  }
  if (character_.fate != Fate::stays && !is_cut_ && now >= character_.fate_at) return meet_fate(now);
  talks_at_ = now + some_ms(dice_, character_.think_max_ms) + Duration{1};
  const bool tries_wrong =
      character_.credential == Credential::wrong_first || character_.credential == Credential::only_wrong;
  if (tries_wrong && logins_ < (character_.credential == Credential::only_wrong ? 4U : 1U)) {
    ++logins_;
    return say(speech_.authenticate(false), now);
  }
  const bool logs_in =
      character_.credential == Credential::authenticate || character_.credential == Credential::wrong_first;
  if (logs_in && logins_ < 2) {
    logins_ = 2;
    return say(speech_.authenticate(true), now);
  }
  const std::int64_t wall_ms = witness_.clock.label(now).unix_ms;
  const Asked* first = witness_.guarded && dice_.chance(0.1) ? book_.repeatable(dice_) : nullptr;
  if (first != nullptr) say(Speech::repeat(*first), now);
  for (std::uint64_t i = 1 + dice_.below(character_.burst_max); i > 0; --i)
    say(speech_.next(wall_ms, character_.rudeness), now);
}

void Client::say(Speech::Message message, Instant now, bool finished) {
  const bool whole = message.asked.kind == Asked::Kind::authenticate || !dice_.chance(character_.in_pieces);
  std::vector<std::string> pieces;
  Duration pause{0};
  if (finished && whole) {
    pieces.push_back(message.text);
  } else {
    const std::size_t size = 1 + dice_.below(message.text.size());
    for (std::size_t from = 0; from < message.text.size(); from += size)
      pieces.push_back(message.text.substr(from, size));
    if (dice_.chance(0.5)) pause = Duration{static_cast<Duration::rep>(dice_.below(20'000) / pieces.size())};
  }
  message.asked.in_pieces = pieces.size() > 1;
  const std::size_t number = book_.ask(message.asked);
  if (!finished) pieces.resize(1);
  if (pause > Duration{0}) talks_at_ = std::max(talks_at_, now + pause * static_cast<int>(pieces.size()));
  wire_.send(connection_, number, std::move(pieces), pause, finished, now);
}

void Client::meet_fate(Instant now) {
  witness_.trace.line("%s meets its fate", name_.c_str());
  const Fate fate = character_.fate;
  character_.fate = Fate::stays;
  switch (fate) {
    case Fate::hangs_up:
      is_silent_ = true;
      wire_.hang_up(connection_, now);
      break;
    case Fate::is_cut:
      is_cut_ = true;
      wire_.cut(connection_, now);
      break;
    case Fate::sends_nonsense: wire_.nonsense(connection_, dice_.chance(0.5) ? 1003 : 1007, now); break;
    case Fate::sends_oversized: say(speech_.oversized(), now); break;
    case Fate::leaves_unfinished:
      say(speech_.ping(), now, false);
      is_silent_ = true;
      break;
    default: break;
  }
}

void Client::fall_silent() {
  is_silent_ = true;
  if (character_.reader == Reader::never) return;
  character_.reader = Reader::prompt;  // the book does not know, so that it forgives what was late before
  reads_from_ = Instant{};
  if (state_ == State::open) wire_.widen(connection_);
}

void Client::do_opened(Instant now) {
  state_ = State::open;
  talks_at_ = now + some_ms(dice_, 5);
  if (character_.reader == Reader::never) reads_from_ = kNever;
}

void Client::do_refused(const Error& error, Instant) {
  const bool right = character_.credential != Credential::wrong_bearer;
  if (right && error.reason != Reason::overloaded && !witness_.stopping)
    witness_.trace.fail("%s was refused with %s", name_.c_str(), wire_name(error.reason).data());
}

void Client::was_read(Instant now) {
  if (is_silent_) return;
  if (character_.reader == Reader::slow) reads_from_ = now + some_ms(dice_, 40);
  if (character_.reader == Reader::stalls && dice_.chance(0.05)) reads_from_ = now + some_ms(dice_, 1200);
}

void Client::do_heard(std::string_view text, Instant now) {
  witness_.trace.line("%s hears %.24s", name_.c_str(), text.data());
  book_.heard(text, now);
  was_read(now);
}

void Client::do_pinged(Instant now) {
  if (character_.pongs && !is_cut_) wire_.pong(connection_, now);
  was_read(now);
}

void Client::do_closed(std::uint16_t code, Instant) { book_.heard_close(code); }

void Client::do_gone(Instant) { state_ = State::gone; }

}  // namespace signalbox::sim::storm
