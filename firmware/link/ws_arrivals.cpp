#include <algorithm>
#include <libwebsockets.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/ws_server.hpp"

namespace signalbox::link {
namespace {

using session::Phase;

constexpr Duration kLookPeriod = from_ms(20);
/// What every newcomer may take even while others wait: two or three round trips to another continent.
constexpr Duration kGrace = from_ms(250);
constexpr int kGiveWayPerLook = 8;

/// Closes with a reset: the peer knows at once, and the kernel need not remember the connection.
void refuse(int fd) {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd);
}

}  // namespace

bool WsServer::has_room(Instant now) const {
  return !table_.full() && !admission_.is_crowded() && admission_.wait(now) == Duration{};
}

bool WsServer::do_accepted(int fd, const Peer& peer) {
  const Instant now = loop_.now();
  const bool admitted =
      static_cast<std::size_t>(fd) < loop_.descriptors_max() && admission_.admit(peer.network(), now);
  Connection* connection = admitted ? table_.take(peer) : nullptr;
  if (connection == nullptr) {
    if (admitted) admission_.left(peer.network(), true);
    refuse(fd);
    return has_room(now);
  }
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
    if (wsi != nullptr)
      connection->wsi = wsi;
    else
      on_gone(*connection);  // it failed before libwebsockets would have told
  }
  return has_room(now);
}

void WsServer::settle(Connection& connection) {
  connection.newcomer = false;
  admission_.settled(connection.peer.network());
}

void WsServer::on_gone(Connection& connection) {
  end_session(connection);
  if (connection.phase == Phase::tcp || connection.phase == Phase::tls)
    door_.life().step(connection.phase, Phase::closed);
  admission_.left(connection.peer.network(), connection.newcomer);
  table_.give_back(connection);
  listener_.pause(!has_room(loop_.now()));
}

Instant WsServer::step(Instant now) {
  const bool room = has_room(now);
  listener_.pause(!room);
  if (admission_.newcomers() == 0) return room ? kNever : now + admission_.wait(now);
  if (now >= look_at_) {
    look_at_ = now + kLookPeriod;
    look_after_newcomers(now);
  }
  const Duration wait = admission_.wait(now);
  return wait > Duration{} ? std::min(look_at_, now + wait) : look_at_;
}

/// Ends those that are too slow: absolutely, or while somebody waits for their place.
void WsServer::look_after_newcomers(Instant now) {
  int give_way =
      (admission_.is_crowded() || table_.full()) && listener_.is_waited_for() ? kGiveWayPerLook : 0;
  table_.each([&](Connection& its) {
    if (!its.newcomer || its.dropped) return;
    const Duration age = now - its.since;
    if (age > handshake_within_) {
      ++admission_.counts().timed_out;
    } else if (give_way > 0 && age >= kGrace) {
      --give_way;
      ++admission_.counts().gave_way;
    } else {
      return;
    }
    do_drop(its.id);
  });
}

}  // namespace signalbox::link
