#include <array>
#include <cerrno>
#include <libwebsockets.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/clear_http.hpp"
#include "link/lws_hooks.hpp"
#include "link/ws_server.hpp"

namespace signalbox::link {
namespace {

using session::Phase;

constexpr Duration kLookPeriod = from_ms(20);
/// What every newcomer may take even while others wait for its place: to say the first word, which comes
/// right behind the connection, and then two or three round trips to another continent.
constexpr Duration kGraceOfSilence = from_ms(100);
constexpr Duration kGrace = from_ms(250);
constexpr int kGiveWayPerLook = 4;
constexpr int kDropsPerPass = Loop::kUnitsPerPass / Loop::kDepartureUnits;
/// How often `scratch_` is filled with what came in clear: 64 KB, more than any head.
constexpr int kClearReadsMax = 16;
constexpr char kTlsHandshake = 22;  // the first byte of a TLS client (RFC 8446 section 5.1)

/// Closes with a reset: the peer knows at once, and the kernel need not remember the connection.
void refuse(int fd) {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd);
}

}  // namespace

bool WsServer::has_room() const { return !table_.full() && !admission_.is_crowded(); }

bool WsServer::do_accepted(int fd, const Peer& peer) {
  const Instant now = loop_.now();
  const bool admitted =
      static_cast<std::size_t>(fd) < loop_.descriptors_max() && admission_.admit(peer.network(), now);
  Connection* connection = admitted ? table_.take(peer) : nullptr;
  if (connection == nullptr) {
    if (admitted) admission_.left(peer.network(), true);
    refuse(fd);
    return has_room();
  }
  connection->fd = fd;
  connection->since = now;
  door_.life().arrive();
  const session::ConnectionId id = connection->id;
  lws_adopt_desc_t adoption{};
  adoption.vh = host_;
  adoption.type = static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL);
  adoption.fd.sockfd = fd;
  adoption.opaque = connection;
  lws* wsi = lws_adopt_descriptor_vhost_via_info(&adoption);
  if (table_.find(id) == connection) {
    if (wsi != nullptr) {
      connection->wsi = wsi;
      loop_.defer(fd, true);
    } else {
      on_gone(*connection);  // it failed before libwebsockets would have told
    }
  }
  return has_room();
}

/// Whether a step of its TLS handshake may be done now. Who has said nothing needs none; who has waits in the
/// order of arrival until a handshake may begin, and is not read meanwhile.
bool WsServer::on_handshake_step(Connection& connection) {
  if (connection.held) return false;
  if (!connection.shaking) {
    char byte = 0;
    const ssize_t size = ::recv(connection.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (size > 0 && byte != kTlsHandshake) tell_clear_http(connection.fd);
    if (size <= 0 || byte != kTlsHandshake) return true;  // gone, or no TLS: it fails, at no cost
    if (held_ > 0 || admission_.begin(loop_.now()) > Duration{}) {
      connection.held = true;
      ++held_;
      loop_.hold(connection.fd, true);
      return false;
    }
    connection.shaking = true;
    connection.since = loop_.now();
  }
  return loop_.take_turn();
}

/// Answers a request of HTTP that came without TLS. Both directions are shut then, so the handshake ends at
/// once; what has come is taken first, or closing would be a reset, and the answer lost with it.
void WsServer::tell_clear_http(int fd) {
  std::array<char, 1024> beginning;
  const ssize_t size = ::recv(fd, beginning.data(), beginning.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size <= 0) return;
  const std::string_view text{beginning.data(), static_cast<std::size_t>(size)};
  if (!is_clear_http(text)) return;
  const std::size_t told = render(clear_http_refusal(text, site_, own_address(fd), listener_.port()),
                                  date_line(door_.wall_time(loop_.now())),
                                  {reinterpret_cast<char*>(scratch_.data()), scratch_.size()});
  (void)::send(fd, scratch_.data(), told, MSG_DONTWAIT | MSG_NOSIGNAL);
  for (int i = 0; i < kClearReadsMax; ++i)
    if (::recv(fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT) <= 0) break;
  ::shutdown(fd, SHUT_RDWR);
}

/// Those who wait to, first come, first served.
void WsServer::let_shake_hands(Instant now) {
  while (held_ > 0 && admission_.begin(now) == Duration{}) {
    Connection* first = nullptr;
    table_.each([&](Connection& its) {
      if (its.held && (first == nullptr || its.since < first->since)) first = &its;
    });
    SIGNALBOX_CHECK(first != nullptr);
    first->held = false;
    --held_;
    first->shaking = true;
    first->since = now;
    loop_.hold(first->fd, false);
  }
}

void WsServer::settle(Connection& connection) {
  loop_.spend(Loop::kArrivalUnits);
  connection.newcomer = false;
  loop_.defer(connection.fd, false);
  admission_.settled(connection.peer.network());
  listener_.pause(!has_room());
}

void WsServer::on_gone(Connection& connection) {
  end_session(connection);
  if (connection.phase == Phase::tcp || connection.phase == Phase::tls)
    door_.life().step(connection.phase, Phase::closed);
  if (connection.held) --held_;
  if (connection.dropped) --dropped_;
  if (connection.is_fruitless()) admission_.was_fruitless(connection.peer.network(), loop_.now());
  admission_.left(connection.peer.network(), connection.newcomer);
  table_.give_back(connection);
  listener_.pause(!has_room());
}

Instant WsServer::step(Instant now) {
  Instant next = records_.step(now);
  tell_refused(now);
  if (admission_.newcomers() > 0) {
    if (now >= look_at_) {
      look_at_ = now + kLookPeriod;
      let_shake_hands(now);
      look_after_newcomers(now);
    }
    next = std::min(next, look_at_);
  }
  return end_dropped() ? now : next;
}

/// A few in each pass, of all who were lost at once when their network was. Whether there are some.
bool WsServer::end_dropped() {
  if (dropped_ == 0) return false;
  int ended = 0;
  table_.each([&](Connection& its) {
    // At once would pull it away under whoever is calling.
    if (its.dropped && ended++ < kDropsPerPass)
      lws_set_timeout(its.wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
  });
  return true;
}

/// Who lost a record is told so, on a socket; whatever it still sends means nothing.
void WsServer::tell_refused(Instant now) {
  while (const std::optional<RecordBuffers::Refused> refused = records_.take_refused()) {
    const int fd = LwsHooks::descriptor_of(refused->bio);
    table_.each([&](Connection& its) {
      if (its.dropped || its.fd != fd) return;
      its.reader.end();
      const bool is_told = refused->fault != RecordBuffers::Fault::lost && its.session && its.route == 0;
      if (!is_told) return do_drop(its.id);
      if (refused->fault == RecordBuffers::Fault::no_room)
        door_.refuse(its.session, 1013, "too many cut TLS records; try again later", now);
      else
        door_.refuse(its.session, 1008, "a TLS record took too long to come", now);
      lws_callback_on_writable(its.wsi);
    });
  }
}

/// Ends those that are too slow: absolutely, or while somebody waits for their place.
void WsServer::look_after_newcomers(Instant now) {
  table_.each([&](Connection& its) {
    if (!its.is_slow_newcomer() || now - its.since <= handshake_within_) return;
    ++admission_.counts().timed_out;
    do_drop(its.id);
  });
  if (has_room() || !listener_.is_waited_for()) return;
  for (int i = 0; i < kGiveWayPerLook; ++i)
    if (!make_way(now)) return;
}

/// Drops the newcomer that has got no further for longest, if that is long enough.
bool WsServer::make_way(Instant now) {
  Connection* slowest = nullptr;
  table_.each([&](Connection& its) {
    if (!its.is_slow_newcomer()) return;
    const bool is_silent = tls_ && its.phase == Phase::tcp && !its.shaking;
    if (now - its.since < (is_silent ? kGraceOfSilence : kGrace)) return;
    if (slowest == nullptr || its.since < slowest->since) slowest = &its;
  });
  if (slowest == nullptr) return false;
  ++admission_.counts().gave_way;
  do_drop(slowest->id);
  return true;
}

}  // namespace signalbox::link
