#include <algorithm>
#include <libwebsockets.h>

#include "link/lws_hooks.hpp"
#include "link/ws_server.hpp"

namespace signalbox::link {
namespace {

using Kind = FrameReader::Event::Kind;
using session::Outgoing;
using session::Phase;

}  // namespace

void WsServer::on_tls_done(Connection& connection) {
  if (connection.phase != Phase::tcp) return;
  door_.life().step(Phase::tcp, Phase::tls);
  connection.phase = Phase::tls;
  connection.since = loop_.now();
}

void WsServer::on_open(Connection& connection) {
  connection.opened = true;
  if (!connection.begun) door_.opened(connection.session, loop_.now());
  if (!connection.dropped) lws_callback_on_writable(connection.wsi);
}

int WsServer::on_bytes(Connection& connection, std::span<unsigned char>& input) {
  pongs_left_ = kPongsPerCall;
  const std::size_t size = input.size();
  const bool late = is_late(connection);
  bool told = false;
  while (!input.empty() && !connection.paused) {
    if (connection.dropped) {
      input = {};
      break;
    }
    const FrameReader::Event event = connection.reader.read(input);
    if (event.kind == Kind::nothing) break;
    told = true;
    if (on_frame(connection, event) != 0) return kHangUp;
  }
  if (late) connection.late_bytes += static_cast<std::uint32_t>(size - input.size());
  if (connection.late_bytes > kLateBytesMax) return kHangUp;
  // Crumbs of a frame's head or of a ping: each costs as much time as a frame.
  if (!told && !late && connection.session && size > input.size())
    heed(connection, door_.heard(connection.session, loop_.now()));
  return 0;
}

void WsServer::heed(Connection& connection, session::Reading reading) {
  if (reading != session::Reading::pause || connection.paused) return;
  connection.paused = true;
  lws_rx_flow_control(connection.wsi, 0);
}

int WsServer::on_frame(Connection& connection, const FrameReader::Event& event) {
  const bool heard = connection.session && !connection.closing;
  switch (event.kind) {
    case Kind::text:
      if (heard)
        heed(connection,
             door_.received(connection.session, event.bytes, event.first, event.last, loop_.now()));
      return 0;
    case Kind::ping:
      if (heard) heed(connection, door_.heard(connection.session, loop_.now()));
      return connection.closing ? 0 : on_ping(connection, event.bytes);
    case Kind::pong:
      if (heard) heed(connection, door_.heard(connection.session, loop_.now()));
      return 0;
    case Kind::close:
      if (connection.closing) return kHangUp;  // the answer to ours
      connection.close_code = event.code;
      lws_callback_on_writable(connection.wsi);
      return 0;
    case Kind::violation:
      if (connection.closing) return kHangUp;
      if (heard) door_.refuse(connection.session, event.code, event.why, loop_.now());
      lws_callback_on_writable(connection.wsi);
      return 0;
    case Kind::nothing: return 0;
  }
  return 0;
}

int WsServer::on_ping(Connection& connection, std::string_view payload) {
  // While something waits for the socket, only the latest ping is answered, as RFC 6455 section 5.5.3 allows:
  // who sends pings and reads nothing costs no memory, and who sends nothing else costs little time.
  if (!connection.pong_owed && pongs_left_-- > 0 && lws_partial_buffered(connection.wsi) == 0)
    return send(connection, payload, LWS_WRITE_PONG);
  connection.pong_owed = true;
  connection.pong_size = static_cast<std::uint8_t>(payload.size());
  std::copy(payload.begin(), payload.end(), connection.pong.begin());
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int WsServer::on_writable(Connection& connection) {
  if (connection.dropped || connection.closing) return 0;
  if (connection.claiming) return connection.answered ? kHangUp : 0;
  if (!connection.rest.empty()) return send_rest(connection);
  if (connection.pong_owed && connection.close_code == 0) {
    connection.pong_owed = false;
    const std::string_view payload{reinterpret_cast<const char*>(connection.pong.data()),
                                   connection.pong_size};
    if (send(connection, payload, LWS_WRITE_PONG) != 0) return kHangUp;
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  if (connection.close_code != 0) return answer_close(connection);
  bool more = true;
  for (int i = 0; i < kChunksPerCall && more; ++i) {
    if (i > 0 && lws_send_pipe_choked(connection.wsi) != 0) break;
    if (send_next(connection, more) != 0) return kHangUp;
  }
  if (more) lws_callback_on_writable(connection.wsi);
  return 0;
}

int WsServer::answer_close(Connection& connection) {
  const std::uint16_t code = connection.close_code == kNoCode ? std::uint16_t{0} : connection.close_code;
  send_close(connection, code, {});
  end_session(connection);
  return kHangUp;  // closes TLS and the connection, after what is still to be sent
}

int WsServer::send_next(Connection& connection, bool& more) {
  more = false;
  if (!connection.session) return 0;
  if (connection.route != 0) return send_body(connection, more);
  char* room = reinterpret_cast<char*>(scratch_.data() + LWS_PRE);
  const Outgoing next = door_.next(connection.session, {room, kChunkBytes}, loop_.now());
  const std::string_view bytes{next.bytes.data(), next.bytes.size()};
  switch (next.kind) {
    case Outgoing::Kind::nothing: return 0;
    case Outgoing::Kind::text:
      more = next.more || !next.last;
      return send(connection, bytes,
                  lws_write_ws_flags(LWS_WRITE_TEXT, next.first ? 1 : 0, next.last ? 1 : 0));
    case Outgoing::Kind::ping: more = next.more; return send(connection, bytes, LWS_WRITE_PING);
    case Outgoing::Kind::close: break;
  }
  const bool lost = connection.reader.ended();  // after a violation nothing that comes means anything
  const int sent = send_close(connection, next.close_code, next.close_reason);
  end_session(connection);
  if (sent != 0 || lost) return kHangUp;
  if (connection.paused) {
    connection.paused = false;
    lws_rx_flow_control(connection.wsi, 1);
  }
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_CLOSE_ACK, close_s_);
  return 0;
}

int WsServer::send_close(Connection& connection, std::uint16_t code, std::string_view reason) {
  connection.closing = true;
  std::array<char, FrameReader::kControlBytesMax> payload{static_cast<char>(code >> 8U),
                                                          static_cast<char>(code)};
  const FixedText<FrameReader::kControlBytesMax - 2> cut{reason};
  const std::size_t size = code == 0 ? 0 : 2 + cut.view().copy(payload.data() + 2, cut.size());
  return send(connection, {payload.data(), size}, LwsHooks::kWriteClose);
}

int WsServer::send(Connection& connection, std::string_view bytes, int kind) {
  unsigned char* room = scratch_.data() + LWS_PRE;
  SIGNALBOX_CHECK(bytes.size() <= kChunkBytes);
  if (bytes.data() != reinterpret_cast<const char*>(room)) std::copy(bytes.begin(), bytes.end(), room);
  return lws_write(connection.wsi, room, bytes.size(), static_cast<lws_write_protocol>(kind)) < 0 ? kHangUp
                                                                                                  : 0;
}

void WsServer::end_session(Connection& connection) {
  if (!connection.session) return;
  const Handle session = connection.session;
  connection.session = {};
  door_.closed(session, loop_.now());
}

}  // namespace signalbox::link
