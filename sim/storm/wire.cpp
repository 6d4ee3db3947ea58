#include "sim/storm/wire.hpp"

#include <algorithm>

#include "session/session_table.hpp"

namespace signalbox::sim::storm {

using session::ConnectionId;
using session::Outgoing;
using session::Phase;

namespace {

Duration reading_time(std::int64_t bytes, std::uint32_t bytes_per_s) {
  return bytes_per_s == 0 ? Duration{} : from_ms(bytes * 1000 / bytes_per_s);
}

}  // namespace

bool Wire::is_known(const Connection& connection) {
  using State = Connection::State;
  return connection.state == State::shaking || connection.state == State::open ||
         connection.state == State::closing;
}

ConnectionId Wire::connect(Peer& peer, const Link& link, std::string_view bearer, Instant now) {
  auto connection = std::make_unique<Connection>();
  connection->peer = &peer;
  connection->link = link;
  connection->bearer = bearer;
  connection->changes_at = now + link.up;
  connections_.push_back(std::move(connection));
  return static_cast<ConnectionId>(connections_.size() - 1);
}

ConnectionId Wire::connect(Peer& peer, const Link& link, std::string_view bearer, Greeting greeting,
                           Instant now) {
  const ConnectionId id = connect(peer, link, bearer, now);
  at(id).greeting = std::move(greeting);
  return id;
}

void Wire::push_up(Connection& connection, Up up) {
  up.arrives = std::max(up.arrives + connection.link.up, connection.last_sent);
  if (up.arrives >= connection.cut_at || connection.state == Connection::State::gone) return;
  connection.last_sent = up.arrives;
  connection.up.push_back(std::move(up));
}

void Wire::send(ConnectionId id, std::size_t number, std::vector<std::string> pieces, Duration pause,
                bool finished, Instant now) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = finished && i + 1 == pieces.size();
    const bool first = i == 0 && !at(id).greeting;  // else it is the body
    push_up(at(id), {Up::Kind::part, now + pause * static_cast<int>(i), std::move(pieces[i]), first, last,
                     number, 0});
  }
}

void Wire::pong(ConnectionId id, Instant now) { push_up(at(id), {.kind = Up::Kind::pong, .arrives = now}); }

void Wire::nonsense(ConnectionId id, std::uint16_t code, Instant now) {
  push_up(at(id), {.kind = Up::Kind::nonsense, .arrives = now, .code = code});
}

void Wire::hang_up(ConnectionId id, Instant now) {
  push_up(at(id), {.kind = Up::Kind::hang_up, .arrives = now});
}

void Wire::cut(ConnectionId id, Instant now) {
  Connection& connection = at(id);
  connection.cut_at = std::min(connection.cut_at, now);
  std::erase_if(connection.up, [now](const Up& up) { return up.arrives >= now; });
  connection.down.clear();
  if (!connection.greeting) return;
  // Nobody is asked by HTTP whether they live: TCP gives up, some time later.
  connection.last_sent = std::max(connection.last_sent, now + Duration{dice_.below(1500) * 1000});
  connection.up.push_back({.kind = Up::Kind::hang_up, .arrives = connection.last_sent});
}

bool Wire::may_write(const Connection& connection) const {
  return connection.state == Connection::State::open && connection.wants_write &&
         connection.down.size() < connection.link.unread_max;
}

Instant Wire::next_of(const Connection& connection) {
  using State = Connection::State;
  if (connection.state == State::gone && connection.down.empty()) return kNever;
  Instant next =
      connection.state == State::open || connection.state == State::gone ? kNever : connection.changes_at;
  if (connection.state == State::open && !connection.up.empty() && may_read(connection))
    next = std::min(next, connection.up.front().arrives);
  if (!connection.down.empty())
    next = std::min(next, std::max(connection.down.front().arrives, connection.peer->reads_from()));
  return next;
}

Instant Wire::next() const {
  Instant next = kNever;
  for (const auto& connection : connections_) next = std::min(next, next_of(*connection));
  return next;
}

void Wire::deliver(Instant now) {
  for (ConnectionId id = 0; id < connections_.size(); ++id) {
    Connection& connection = at(id);
    if (connection.state == Connection::State::gone && connection.down.empty()) continue;
    change(id, now);
    while (connection.state == Connection::State::open && !connection.up.empty() && may_read(connection) &&
           connection.up.front().arrives <= now)
      take_up(id, now);
    while (!connection.down.empty() && connection.down.front().arrives <= now &&
           connection.peer->reads_from() <= now)
      take_down(id, now);
  }
}

void Wire::change(ConnectionId id, Instant now) {
  using State = Connection::State;
  Connection& connection = at(id);
  if (connection.changes_at > now) return;
  if (connection.state == State::arriving) {
    arrive(id, now);
  } else if (connection.state == State::shaking) {
    if (!connection.link.finishes_upgrade || connection.cut_at <= now) return end(id, now);
    connection.state = State::open;
    door_.opened(connection.session, now);
    connection.peer->opened(connection.session, now);
    if (connection.greeting) greet(connection, now);
  } else if (connection.state == State::closing) {
    end(id, now);
  }
}

void Wire::greet(Connection& connection, Instant now) {
  const Greeting& greeting = *connection.greeting;
  if (greeting.is_all) connection.peer->delivered(greeting.number, now);
  connection.incomplete = !greeting.is_all;
  trace_.line("by HTTP: %.*s", static_cast<int>(greeting.head.find('\n')), greeting.head.c_str());
  heed(connection, door_.received(connection.session, greeting.head, true, greeting.is_all, now));
}

void Wire::arrive(ConnectionId id, Instant now) {
  Connection& connection = at(id);
  session::LifeCounts& life = door_.life();
  life.arrive();
  life.step(Phase::tcp, Phase::tls);
  const Result<Handle> admitted = door_.admit(
      {id, {"192.0.2.1", 0, connection.bearer}, connection.link.dialect, {}, connection.link.operation}, now);
  trace_.line("connection %u arrives: %s", id,
              admitted ? "let in" : wire_name(admitted.error().reason).data());
  if (!admitted) {
    life.step(Phase::tls, Phase::closed);
    connection.state = Connection::State::gone;
    connection.peer->refused(admitted.error(), now);
    connection.peer->gone(now);
    return;
  }
  connection.session = *admitted;
  connection.state = Connection::State::shaking;
  connection.changes_at = now + Duration{dice_.below(4) * 700};
}

void Wire::heed(Connection& connection, session::Reading reading) {
  if (reading != session::Reading::pause || connection.paused) return;
  connection.paused = true;
  connection.after_pause = dice_.below(3U);
}

void Wire::take_up(ConnectionId id, Instant now) {
  Connection& connection = at(id);
  const Up up = std::move(connection.up.front());
  connection.up.pop_front();
  if (connection.paused) --connection.after_pause;
  if (now > connection.cut_at)
    connection.late_bytes +=
        static_cast<std::int64_t>(up.bytes.size() + session::SessionTable::kPieceCost_bytes);
  switch (up.kind) {
    case Up::Kind::part: {
      if (up.last) connection.peer->delivered(up.number, now);
      connection.incomplete = !up.last;
      trace_.message("connection", id, up.last ? " <- " : " <- part ", up.bytes, 40);
      heed(connection, door_.received(connection.session, up.bytes, up.first, up.last, now));
      break;
    }
    case Up::Kind::pong: heed(connection, door_.heard(connection.session, now)); break;
    case Up::Kind::nonsense:
      trace_.line("connection %u <- nonsense", id);
      door_.refuse(connection.session, up.code, "not text", now);
      break;
    case Up::Kind::hang_up: trace_.line("connection %u <- hang up", id); end(id, now);
  }
}

void Wire::take_down(ConnectionId id, Instant now) {
  Connection& connection = at(id);
  const Down down = std::move(connection.down.front());
  connection.down.pop_front();
  // The client has a clock of its own: that we come late makes no difference to it.
  const Instant read_at = std::max(down.arrives, connection.peer->reads_from());
  switch (down.kind) {
    case Down::Kind::text: connection.peer->heard(down.bytes, read_at); break;
    case Down::Kind::ping: connection.peer->pinged(now); break;
    case Down::Kind::close: connection.peer->closed(down.code, read_at);
  }
}

void Wire::flush(Instant now) {
  constexpr unsigned kWritesMax = 20'000;
  for (ConnectionId id = 0; id < connections_.size(); ++id) {
    unsigned writes = 0;
    for (; may_write(at(id)) && !trace_.failed(); ++writes) {
      if (writes == kWritesMax) trace_.fail("connection %u: there is no end of what it is told", id);
      write(id, now);
    }
  }
}

void Wire::write(ConnectionId id, Instant now) {
  Connection& connection = at(id);
  connection.wants_write = false;
  const Outgoing outgoing = door_.next(connection.session, buffer_, now);
  connection.wants_write |= outgoing.more;
  switch (outgoing.kind) {
    case Outgoing::Kind::nothing:
      if (outgoing.more) trace_.fail("connection %u: more of nothing", id);
      break;
    case Outgoing::Kind::text: take_text(id, outgoing, now); break;
    case Outgoing::Kind::ping:
      if (connection.mid_text) trace_.fail("connection %u: a ping within a message", id);
      trace_.message("connection", id, " -> ping", "", 0);
      if (now < connection.cut_at)
        connection.down.push_back({Down::Kind::ping, now + connection.link.down, {}, 0});
      break;
    case Outgoing::Kind::close:
      if (connection.mid_text) trace_.fail("connection %u: closed within a message", id);
      trace_.line("connection %u -> close %u %.*s", id, outgoing.close_code, length(outgoing.close_reason),
                  outgoing.close_reason.data());
      if (now < connection.cut_at)
        connection.down.push_back({Down::Kind::close, now + connection.link.down, {}, outgoing.close_code});
      close(connection, Duration{dice_.below(3) * 5000}, now);
  }
}

void Wire::take_text(ConnectionId id, const Outgoing& outgoing, Instant now) {
  Connection& connection = at(id);
  if (outgoing.first == connection.mid_text) trace_.fail("connection %u: parts of messages are mixed up", id);
  if (outgoing.bytes.data() != buffer_.data() || outgoing.bytes.size() > buffer_.size() ||
      outgoing.bytes.empty())
    trace_.fail("connection %u: a part outside of the memory given", id);
  connection.mid_text = !outgoing.last;
  connection.unfinished.append(outgoing.bytes.data(), outgoing.bytes.size());
  if (!outgoing.last) return;
  trace_.message("connection", id, " -> ", connection.unfinished, 200);
  // Beyond the cut it vanishes, but the socket's buffer still fills up.
  const Instant arrives = now < connection.cut_at ? now + connection.link.down : kNever;
  connection.down.push_back({Down::Kind::text, arrives, std::move(connection.unfinished), 0});
  connection.unfinished.clear();
}

void Wire::close(Connection& connection, Duration after, Instant now) {
  connection.state = Connection::State::closing;
  connection.changes_at = now + after;
}

void Wire::end(ConnectionId id, Instant now) {
  Connection& connection = at(id);
  connection.state = Connection::State::gone;
  connection.up.clear();
  connection.incomplete = false;
  trace_.line("connection %u is gone", id);
  door_.closed(connection.session, now);
  connection.peer->gone(now);
}

void Wire::break_all(Instant now, bool told) {
  for (ConnectionId id = 0; id < connections_.size(); ++id) {
    Connection& connection = at(id);
    connection.down.clear();
    if (told && is_known(connection)) {
      end(id, now);
    } else if (connection.state != Connection::State::gone) {
      connection.state = Connection::State::gone;
      connection.peer->gone(now);
    }
  }
}

void Wire::do_want_write(ConnectionId id) { at(id).wants_write = true; }

void Wire::do_resume_reading(ConnectionId id) { at(id).paused = false; }

void Wire::do_drop(ConnectionId id) {
  Connection& connection = at(id);
  if (connection.state == Connection::State::closing) return;
  trace_.line("connection %u is dropped", id);
  connection.down.clear();
  connection.cut_at = std::min(connection.cut_at, trace_.now());
  close(connection, Duration{dice_.below(2) * 3000}, trace_.now());
}

std::size_t Wire::open_count() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const auto& each) { return is_known(*each); }));
}

bool Wire::has_backlog() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& each) { return is_known(*each) && !each->up.empty(); });
}

std::size_t Wire::incomplete_count() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const auto& each) { return each->incomplete; }));
}

Instant Wire::dead_since(std::uint32_t bytes_per_s) const {
  Instant since = kNever;
  for (const auto& each : connections_)
    if (is_known(*each) && each->cut_at != kNever && !each->greeting)
      since = std::min(since, each->cut_at + reading_time(each->late_bytes, bytes_per_s));
  return since;
}

}  // namespace signalbox::sim::storm
