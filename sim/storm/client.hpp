#pragma once

#include <deque>
#include <string>

#include "sim/storm/book.hpp"
#include "sim/storm/call.hpp"
#include "sim/storm/character.hpp"
#include "sim/storm/speech.hpp"
#include "sim/storm/wire.hpp"

namespace signalbox::sim::storm {

/// A seeded client on one connection: arrives, talks, keeps its book, meets its fate. Who lost a connection
/// comes back as another client with what was kept.
class Client final : public Peer {
 public:
  Client(std::uint32_t number, const Character& character, const Speech::Subject& subject, Witness& witness,
         Wire& wire, const Keepsake& kept, Dice dice);

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
  /// It is to be closed for what it sent: it is told answers, but no telemetry.
  bool has_offended() const { return has_offended_; }
  /// Its connection is lost, and it knows.
  bool is_lost() const { return state_ == State::gone || is_cut_; }
  /// Somebody who asks by HTTP comes back for an answer only that never came.
  bool comes_back() const { return !tongue_.is_http() || !keepsake().unanswered.empty(); }
  bool is_caller() const { return tongue_.is_http(); }
  /// What it comes back with.
  Keepsake keepsake() const;

 private:
  enum class State : std::uint8_t { away, arriving, open, gone };

  void do_opened(Handle session, Instant now) override;
  void do_refused(const Error& error, Instant now) override;
  void do_delivered(std::size_t number, Instant now) override { book_.delivered(number, now); }
  void do_heard(std::string_view text, Instant now) override;
  void do_pinged(Instant now) override;
  void do_closed(std::uint16_t code, Instant now) override;
  Instant do_reads_from() const override { return reads_from_; }
  void do_gone(Instant now) override;

  void say(Speech::Message message, Instant now, bool finished = true);
  bool log_in(Instant now);
  void call(std::string_view bearer, Instant now);
  std::vector<std::string> pieces_of(const std::string& text, bool whole);
  void come_back(const Keepsake& kept);
  Speech::Message think(Instant now);
  void meet_fate(Instant now);
  void was_read(Instant now);

  std::uint32_t number_;
  std::string name_;
  Character character_;
  Witness& witness_;
  Wire& wire_;
  Dice dice_;
  std::string token_;
  Tongue tongue_;
  Speech speech_;
  Book book_;
  Keepsake kept_;
  std::string body_;                     ///< by HTTP: what it sends behind the head
  std::deque<Speech::Message> errands_;  ///< what it has to say once it is in
  unsigned subscribed_ = 0;
  State state_ = State::away;
  session::ConnectionId connection_ = 0;
  Instant talks_at_ = kNever;
  Instant reads_from_{};
  std::uint32_t logins_ = 0;
  bool is_cut_ = false;
  bool is_silent_ = false;
  bool has_offended_ = false;
};

}  // namespace signalbox::sim::storm
