#include <algorithm>
#include <charconv>
#include <libwebsockets.h>

#include "link/lws_hooks.hpp"
#include "link/ws_server.hpp"
#include "trust/client_certificate.hpp"

namespace signalbox::link {
namespace {

using Kind = FrameReader::Event::Kind;
using session::Outgoing;
using session::Phase;

constexpr int kHangUp = -1;

/// What Content-Length says, from 1 to `max`. Errors: `tooBig`, `malformed`.
Result<std::uint8_t> body_size(std::string_view content_length, std::size_t max) {
  std::size_t size = 0;
  const char* end = content_length.data() + content_length.size();
  const auto [read, failure] = std::from_chars(content_length.data(), end, size);
  if (content_length.empty() || failure != std::errc{} || read != end || size == 0)
    return Error{Reason::malformed, "a body is expected, with its Content-Length"};
  if (size > max)
    return Error{Reason::too_big, format_text<95>("a body may have %zu bytes here, not %zu", max, size)};
  return static_cast<std::uint8_t>(size);
}

}  // namespace

int WsServer::answer(Connection& connection, const HttpAnswer& answer) {
  if (!connection.answered) {
    connection.answered = true;
    char* text = reinterpret_cast<char*>(scratch_.data() + LWS_PRE);
    const std::size_t size = render(answer, {text, kChunkBytes});
    lws_write(connection.wsi, scratch_.data() + LWS_PRE, size, LWS_WRITE_HTTP_HEADERS);
    // What the socket does not take at once, libwebsockets keeps in its region.
    std::string_view rest = answer.head_only ? std::string_view{} : answer.long_body;
    for (; !rest.empty(); rest.remove_prefix(std::min(rest.size(), kChunkBytes)))
      if (send(connection, rest.substr(0, kChunkBytes), LWS_WRITE_HTTP) != 0) break;
  }
  return kHangUp;  // what was written goes out first
}

void WsServer::on_tls_done(Connection& connection) {
  if (connection.phase != Phase::tcp) return;
  door_.life().step(Phase::tcp, Phase::tls);
  connection.phase = Phase::tls;
  connection.since = loop_.now();
}

int WsServer::on_handshake(Connection& connection) {
  on_tls_done(connection);  // a connection without TLS has none to wait for
  const HttpRequest request{connection.wsi};
  if (const auto fault = stray(connection, request)) return answer(connection, *fault);
  if (asks_for_thing(request)) return answer(connection, thing(connection, request));
  if (const auto fault = fault_of(request, profile_)) return answer(connection, *fault);
  const Result<std::string_view> bearer = bearer_of(request.authorization);
  if (!bearer) return answer(connection, refusal(bearer.error()));
  const std::optional<Principal> certified = certified_peer(connection);
  const session::Arrival arrival{.connection = connection.id,
                                 .peer = connection.peer.text,
                                 .bearer = *bearer,
                                 .dialect = chosen_dialect(request.protocols, profile_.dialects),
                                 .ticket = request.ticket,
                                 .certified = certified ? &*certified : nullptr,
                                 .network = connection.peer.network()};
  const Result<Handle> admitted = door_.admit(arrival, loop_.now());
  if (!admitted) return answer(connection, refusal(admitted.error()));
  connection.session = *admitted;
  connection.phase = Phase::upgrade;
  settle(connection);
  return 0;
}

std::optional<Principal> WsServer::certified_peer(const Connection& connection) {
  const std::span<const unsigned char> certificate = peer_certificate(connection);
  return certificate.empty() ? std::nullopt : trust::principal_of(certificate);
}

int WsServer::on_request(Connection& connection) {
  on_tls_done(connection);
  const HttpRequest request{connection.wsi};
  if (const auto fault = stray(connection, request)) return answer(connection, *fault);
  if (request.path == kStopPath && request.method == HttpRequest::Method::post)
    return answer(connection, stop(connection, request));
  if (request.path == kClaimPath && request.method == HttpRequest::Method::post)
    return claim(connection, request);
  if (asks_for_thing(request)) return answer(connection, thing(connection, request));
  return answer(connection, answer_plain(request, profile_));
}

/// Waits for the body, as long as libwebsockets waits for any.
int WsServer::claim(Connection& connection, const HttpRequest& request) {
  const Result<std::uint8_t> size = body_size(request.content_length, connection.pong.size());
  if (!size) {
    const std::uint16_t status = size.error().reason == Reason::too_big ? 413 : 411;
    return answer(connection, refusal(status, size.error()));
  }
  connection.body_size = *size;
  return 0;
}

int WsServer::on_body(Connection& connection, std::string_view part) {
  if (connection.body_size == 0) return 0;
  const std::size_t taken = std::min<std::size_t>(part.size(), connection.body_size - connection.pong_size);
  std::copy_n(part.begin(), taken, connection.pong.begin() + connection.pong_size);
  connection.pong_size = static_cast<std::uint8_t>(connection.pong_size + taken);
  if (connection.pong_size < connection.body_size) return 0;
  const std::string_view body{reinterpret_cast<const char*>(connection.pong.data()), connection.body_size};
  const session::Caller caller{.peer = connection.peer.text, .network = connection.peer.network()};
  const Result<std::string_view> token = door_.claim(caller, body, loop_.now());
  HttpAnswer told = token ? HttpAnswer{} : refusal(token.error());
  if (token) told.long_body = *token;
  connection.body_size = connection.pong_size = 0;
  return answer(connection, told);
}

std::optional<HttpAnswer> WsServer::stray(const Connection& connection, const HttpRequest& request) {
  const FixedText<45> local = own_address(lws_get_socket_fd(connection.wsi));
  std::optional<HttpAnswer> fault = stray_of(request, {.site = site_, .local = local, .secure = tls_});
  if (fault) ++strays_;
  return fault;
}

Result<std::string_view> WsServer::thing_of(const Connection& connection, const HttpRequest& request) {
  const Result<std::string_view> bearer = bearer_of(request.authorization);
  if (!bearer) return bearer.error();
  if (!is_authority(request.host))  // HTTP/1.0
    return Error{Reason::malformed, "the Host header must say by which name this device is reached"};
  const auto url =
      format_text<127>("%s://%.*s%.*s", tls_ ? "wss" : "ws", static_cast<int>(request.host.size()),
                       request.host.data(), static_cast<int>(kSocketPath.size()), kSocketPath.data());
  return door_.thing({connection.peer.text, connection.peer.network(), *bearer}, url, loop_.now());
}

HttpAnswer WsServer::thing(const Connection& connection, const HttpRequest& request) {
  const Result<std::string_view> text = thing_of(connection, request);
  HttpAnswer answer = text ? HttpAnswer{.content_type = "application/td+json"} : refusal(text.error());
  if (text) answer.long_body = *text;
  answer.head_only = request.method == HttpRequest::Method::head;
  return answer;
}

HttpAnswer WsServer::stop(const Connection& connection, const HttpRequest& request) {
  const Result<std::string_view> bearer = bearer_of(request.authorization);
  if (!bearer) return refusal(bearer.error());
  const Result<void> stopped =
      door_.stop({connection.peer.text, connection.peer.network(), *bearer}, loop_.now());
  return stopped ? HttpAnswer{.body = "{\"outcome\":\"stopped\"}\n"} : refusal(stopped.error());
}

void WsServer::on_bad_request(Connection& connection) {
  on_tls_done(connection);
  // libwebsockets does not tell why. Its table spends a few bytes of its own on each header, so it can be
  // full before as many bytes have come as it has.
  const bool long_head = connection.header_bytes >= header_bytes_max_ / 3U;
  answer(
      connection,
      long_head
          ? refusal(431,
                    {.reason = Reason::too_big,
                     .detail = format_text<95>(
                         "the request's head is too long or wrong; it may have %u bytes", header_bytes_max_)})
          : refusal(400, {.reason = Reason::malformed, .detail = "no HTTP request that is understood here"}));
}

void WsServer::on_open(Connection& connection) {
  connection.opened = true;
  door_.opened(connection.session, loop_.now());
  if (!connection.dropped) lws_callback_on_writable(connection.wsi);
}

int WsServer::on_bytes(Connection& connection, std::span<unsigned char>& input) {
  pongs_left_ = kPongsPerCall;
  while (!input.empty() && !connection.paused) {
    if (connection.dropped) {
      input = {};
      break;
    }
    const FrameReader::Event event = connection.reader.read(input);
    if (event.kind == Kind::nothing) break;
    if (on_frame(connection, event) != 0) return kHangUp;
  }
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
  constexpr std::uint16_t kNoCode = 1005;
  const std::uint16_t code = connection.close_code == kNoCode ? std::uint16_t{0} : connection.close_code;
  send_close(connection, code, {});
  end_session(connection);
  return kHangUp;  // closes TLS and the connection, after what is still to be sent
}

int WsServer::send_next(Connection& connection, bool& more) {
  more = false;
  if (!connection.session) return 0;
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
