#include "sim/storm/client.hpp"

#include <algorithm>

namespace signalbox::sim::storm {
namespace {

using Credential = Character::Credential;
using Reader = Character::Reader;
using Fate = Character::Fate;

}  // namespace

Client::Client(std::uint32_t number, const Character& character, const Speech::Subject& subject,
               Witness& witness, Wire& wire, const Keepsake& kept, Dice dice)
    : number_{number},
      name_{"client " + std::to_string(number)},
      character_{character},
      witness_{witness},
      wire_{wire},
      dice_{dice},
      token_{subject.token},
      tongue_{character.tongue},
      speech_{subject, tongue_, number, character.numbers_requests, dice_},
      book_{witness,
            name_,
            tongue_,
            character.credential == Credential::bearer,
            character.link.down,
            character.reader == Reader::prompt},
      kept_{kept} {
  if (!tongue_.is_http()) character_.link.dialect = tongue_.name();
  if (!kept_.epoch.empty()) come_back(kept_);
}

/// Plans to be who it was, to learn what it missed, and to ask again what was never answered.
void Client::come_back(const Keepsake& kept) {
  const bool may_return = !kept.session.empty();
  if (may_return && dice_.chance(0.85)) errands_.push_back(speech_.resume(kept, !dice_.chance(0.1)));
  for (const Asked& asked : kept.unanswered) {
    const bool is_number = asked.id.front() != 'c';
    if (!is_number || !tongue_.is_envelope()) errands_.push_back(speech_.repeat(asked));
  }
  const bool relies_on_return = dice_.chance(0.5);
  for (Asked asked : kept.subscriptions) {
    if (relies_on_return) break;
    std::uint64_t& offset = asked.last_seen->offset;
    if (dice_.chance(0.2)) offset = dice_.below(offset + 1);
    if (dice_.chance(0.03)) offset += 1'000'000;
    if (dice_.chance(0.9)) errands_.push_back(speech_.resubscribe(asked));
  }
  // Once is all it can be had.
  if (may_return && dice_.chance(0.15)) errands_.push_back(speech_.resume(kept, true));
  if (!kept.page.empty() && kept.epoch != witness_.epoch) {
    Speech::Message page = speech_.history_page({}, {});
    page.asked.payload = kept.page;
    page.asked.expected = "foreignEpoch";
    errands_.push_back(std::move(page));
  }
}

Keepsake Client::keepsake() const {
  Keepsake kept = kept_;
  book_.keep(kept);
  return kept;
}

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
    if (tongue_.is_http())
      call(bearer, now);
    else
      connection_ = wire_.connect(*this, character_.link, bearer, now);
    witness_.trace.line("%s is connection %u, reads %d, credential %d, fate %d", name_.c_str(), connection_,
                        static_cast<int>(character_.reader), static_cast<int>(character_.credential),
                        static_cast<int>(character_.fate));
    return;
  }
  if (character_.fate != Fate::stays && !is_cut_ && now >= character_.fate_at) return meet_fate(now);
  talks_at_ = now + some_ms(dice_, character_.think_max_ms) + Duration{1};
  if (log_in(now)) return;
  if (!errands_.empty()) {
    Speech::Message message = std::move(errands_.front());
    errands_.pop_front();
    return say(std::move(message), now);
  }
  const Asked* first = dice_.chance(0.1) ? book_.repeatable(dice_) : nullptr;
  if (first != nullptr) say(speech_.repeat(*first), now);
  for (std::uint64_t i = 1 + dice_.below(character_.burst_max); i > 0; --i) say(think(now), now);
}

/// Asks by HTTP, the one thing that it wants.
void Client::call(std::string_view bearer, Instant now) {
  Speech::Message message = speech_.call(witness_.clock.label(now).unix_ms);
  if (message.question) message.asked.inquiry = book_.inquire(*message.question);
  Call call = call_of(message.asked);
  body_ = std::move(call.body);
  message.asked.in_pieces = !body_.empty();
  character_.link.dialect = call.dialect;
  character_.link.operation = call.operation;
  const std::size_t number = book_.ask(std::move(message.asked));
  connection_ =
      wire_.connect(*this, character_.link, bearer, {number, std::move(call.head), body_.empty()}, now);
}

std::vector<std::string> Client::pieces_of(const std::string& text, bool whole) {
  std::vector<std::string> pieces;
  const std::size_t size = whole ? text.size() : 1 + static_cast<std::size_t>(dice_.below(text.size()));
  for (std::size_t from = 0; from < text.size(); from += size) pieces.push_back(text.substr(from, size));
  return pieces;
}

/// Says who it is, right or wrong, if there is still something to say about that.
bool Client::log_in(Instant now) {
  const bool tries_wrong =
      character_.credential == Credential::wrong_first || character_.credential == Credential::only_wrong;
  if (tries_wrong && logins_ < (character_.credential == Credential::only_wrong ? 4U : 1U)) {
    ++logins_;
    say(speech_.authenticate(false), now);
    return true;
  }
  const bool logs_in =
      character_.credential == Credential::authenticate || character_.credential == Credential::wrong_first;
  if (!logs_in || logins_ >= 2) return false;
  logins_ = 2;
  say(speech_.authenticate(true), now);
  return true;
}

/// The next page of what it reads, or whatever comes to its mind.
Speech::Message Client::think(Instant now) {
  const std::optional<std::size_t> unread = book_.unread_inquiry();
  if (unread && dice_.chance(0.5)) {
    const Inquiry& inquiry = book_.inquiry(*unread);
    Speech::Message page = speech_.history_page(inquiry.question(), inquiry.cursor());
    page.asked.inquiry = *unread;
    return page;
  }
  using Mood = Speech::Mood;
  const Mood mood = !character_.settles ? Mood::restless : subscribed_ == 0 ? Mood::settling : Mood::settled;
  Speech::Message message = speech_.next(witness_.clock.label(now).unix_ms, character_.rudeness, mood);
  if (message.asked.kind == Asked::Kind::subscribe) ++subscribed_;
  return message;
}

void Client::say(Speech::Message message, Instant now, bool finished) {
  Asked& asked = message.asked;
  if (message.question) asked.inquiry = book_.inquire(*message.question);
  const std::string text =
      message.text.empty() ? tongue_.say(asked.type, asked.id, message.traced, asked.payload) : message.text;
  const bool whole = asked.kind == Asked::Kind::authenticate || !dice_.chance(character_.in_pieces);
  std::vector<std::string> pieces = pieces_of(text, finished && whole);
  Duration pause{0};
  if (!finished || !whole) {
    if (dice_.chance(0.5)) pause = dice_.below(Duration{20'000}) / std::ssize(pieces);
  }
  asked.in_pieces = pieces.size() > 1;
  const std::size_t number = book_.ask(std::move(asked));
  if (!finished) pieces.resize(1);
  if (pause > Duration{0}) talks_at_ = std::max(talks_at_, now + pause * static_cast<int>(pieces.size()));
  wire_.send(connection_, number, std::move(pieces), pause, finished, now);
}

void Client::meet_fate(Instant now) {
  witness_.trace.line("%s meets its fate", name_.c_str());
  const Fate fate = character_.fate;
  character_.fate = Fate::stays;
  has_offended_ = fate == Fate::sends_nonsense || fate == Fate::sends_oversized;
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
      if (tongue_.is_http()) break;  // it has
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

void Client::do_opened(Handle session, Instant now) {
  book_.opened(session);
  state_ = State::open;
  if (is_silent_) wire_.widen(connection_);  // it was still arriving then
  if (tongue_.is_http()) {
    if (character_.credential != Credential::bearer) witness_.trace.fail("%s was let in", name_.c_str());
    const bool finished = character_.fate != Fate::leaves_unfinished;
    if (!body_.empty())
      wire_.send(connection_, 0, pieces_of(body_, finished && !dice_.chance(character_.in_pieces)),
                 some_ms(dice_, 8), finished, now);
    if (character_.reader == Reader::never) reads_from_ = kNever;
    return;
  }
  talks_at_ = now + some_ms(dice_, 5);
  if (character_.reader == Reader::never) reads_from_ = kNever;
}

void Client::do_refused(const Error& error, Instant) {
  const bool is_stranger = tongue_.is_http() && character_.credential != Credential::bearer;
  if (is_stranger && error.reason == Reason::unauthenticated) return;
  const bool right = is_stranger || character_.credential != Credential::wrong_bearer;
  if (right && error.reason != Reason::overloaded && !witness_.stopping)
    witness_.trace.fail("%s was refused with %s", name_.c_str(), wire_name(error.reason).data());
}

void Client::was_read(Instant now) {
  if (is_silent_) return;
  if (character_.reader == Reader::slow) reads_from_ = now + some_ms(dice_, 40);
  if (character_.reader == Reader::stalls && dice_.chance(0.05)) reads_from_ = now + some_ms(dice_, 1200);
}

void Client::do_heard(std::string_view text, Instant now) {
  witness_.trace.message("client", number_, " hears ", text, 32);
  book_.heard(text, now);
  was_read(now);
}

void Client::do_pinged(Instant now) {
  if (character_.pongs && !is_cut_) wire_.pong(connection_, now);
  was_read(now);
}

void Client::do_closed(std::uint16_t code, Instant) { book_.heard_close(code); }

void Client::do_gone(Instant now) {
  book_.ended(now);
  state_ = State::gone;
}

}  // namespace signalbox::sim::storm
