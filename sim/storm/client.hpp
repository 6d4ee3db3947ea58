#pragma once

#include <string>

#include "sim/storm/book.hpp"
#include "sim/storm/speech.hpp"
#include "sim/storm/wire.hpp"

namespace signalbox::sim::storm {

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
  Instant arrives{};
  Instant fate_at = kNever;
  std::uint32_t think_max_ms = 100;
  std::uint32_t burst_max = 1;  ///< messages at once
  double rudeness = 0.0;
  double in_pieces = 0.0;  ///< chance of a message to be sent in pieces
  bool pongs = true;
  Link link;

  static Character roll(Dice& dice, Instant arrives, Instant until);
};

/// A seeded client on one connection: arrives, talks, keeps its book, meets its fate.
class Client final : public Peer {
 public:
  Client(std::uint32_t number, const Character& character, const Speech::Subject& subject, Witness& witness,
         Wire& wire, Dice dice);

  /// When it does something next of its own accord.
  Instant next() const;
  /// Does it.
  void act(Instant now);
  /// Says nothing more; whoever can read, reads.
  void fall_silent();

  const Book& book() const { return book_; }
  /// Still connected, and able to read.
  bool listens() const {
    return state_ == State::open && !is_cut_ && character_.reader != Character::Reader::never;
  }
  bool is_done() const { return state_ == State::gone; }

 private:
  enum class State : std::uint8_t { away, arriving, open, gone };

  void do_opened(Instant now) override;
  void do_refused(const Error& error, Instant now) override;
  void do_delivered(std::size_t number, Instant now) override { book_.delivered(number, now); }
  void do_heard(std::string_view text, Instant now) override;
  void do_pinged(Instant now) override;
  void do_closed(std::uint16_t code, Instant now) override;
  Instant do_reads_from() const override { return reads_from_; }
  void do_gone(Instant now) override;

  void say(Speech::Message message, Instant now, bool finished = true);
  void meet_fate(Instant now);
  void was_read(Instant now);

  std::string name_;
  Character character_;
  Witness& witness_;
  Wire& wire_;
  Dice dice_;
  std::string token_;
  Speech speech_;
  Book book_;
  State state_ = State::away;
  session::ConnectionId connection_ = 0;
  Instant talks_at_ = kNever;
  Instant reads_from_{};
  std::uint32_t logins_ = 0;
  bool is_cut_ = false;
  bool is_silent_ = false;
};

}  // namespace signalbox::sim::storm
