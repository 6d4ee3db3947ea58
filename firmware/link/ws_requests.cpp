#include <algorithm>
#include <charconv>
#include <libwebsockets.h>

#include "base/log.hpp"
#include "link/cookie.hpp"
#include "link/ws_server.hpp"
#include "trust/client_certificate.hpp"

namespace signalbox::link {
namespace {

using session::Caller;
using session::Phase;
using Method = HttpRequest::Method;

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
    const std::size_t size = render(answer, date_line(door_.wall_time(loop_.now())), {text, kRecordBytes});
    write(connection, {text, size}, LWS_WRITE_HTTP_HEADERS);
    if (answer.stays && !answer.head_only) {
      connection.rest = answer.long_body;
      connection.since = loop_.now();  // it has that long to take it
      lws_callback_on_writable(connection.wsi);
      return 0;
    }
    // What the socket does not take at once, libwebsockets keeps in its region.
    std::string_view rest = answer.head_only ? std::string_view{} : answer.long_body;
    for (; !rest.empty(); rest.remove_prefix(std::min(rest.size(), kRecordBytes)))
      if (send(connection, rest.substr(0, kRecordBytes)) != 0) break;
  }
  return kHangUp;  // what was written goes out first
}

int WsServer::send_rest(Connection& connection) {
  for (int i = 0; i < kRecordsPerCall && !connection.rest.empty(); ++i) {
    if (i > 0 && !takes_more(connection)) break;
    const std::string_view part = connection.rest.substr(0, kRecordBytes);
    connection.rest.remove_prefix(part.size());
    if (send(connection, part) != 0) return kHangUp;
  }
  if (connection.rest.empty()) return kHangUp;
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int WsServer::on_handshake(Connection& connection) {
  on_tls_done(connection);  // a connection without TLS has none to wait for
  const HttpRequest request{connection.wsi};
  if (const auto fault = stray(connection, request)) return answer(connection, *fault);
  if (const auto told = told_at_once(connection, request)) return answer(connection, *told);
  if (const auto fault = fault_of(request, profile_)) return answer(connection, *fault);
  if (request.path == kStreamPath) return begin_stream(connection, request);
  const Result<void> admitted =
      admit(connection, request, chosen_dialect(request.protocols, profile_.dialects), {});
  return admitted ? 0 : answer(connection, refusal(admitted.error()));
}

Result<void> WsServer::admit(Connection& connection, const HttpRequest& request, std::string_view dialect,
                             std::string_view operation) {
  const Result<Caller> caller = caller_of(connection, request);
  if (!caller) return caller.error();
  const session::Arrival arrival{.connection = connection.id,
                                 .caller = *caller,
                                 .dialect = dialect,
                                 .ticket = request.ticket,
                                 .operation = operation};
  const Result<Handle> admitted = door_.admit(arrival, loop_.now());
  if (!admitted) return admitted.error();
  connection.session = *admitted;
  connection.phase = Phase::upgrade;
  settle(connection);
  return {};
}

Result<Caller> WsServer::caller_of(const Connection& connection, const HttpRequest& request) {
  const Result<std::string_view> token = token_of(request, tls_);
  if (!token) return token.error();
  const std::span<const unsigned char> certificate = peer_certificate(connection);
  if (!certificate.empty() && Tls::is_revoked(certificate))  // since it shook hands
    return Error{Reason::unauthenticated, "the certificate was revoked"};
  certified_ = certificate.empty() ? std::nullopt : trust::principal_of(certificate);
  return Caller{.peer = connection.peer.text,
                .network = connection.peer.network(),
                .bearer = *token,
                .certified = certified_ ? &*certified_ : nullptr};
}

int WsServer::on_request(Connection& connection) {
  on_tls_done(connection);
  if (connection.claiming || !connection.rest.empty()) return kHangUp;
  const HttpRequest request{connection.wsi};
  if (const auto fault = stray(connection, request)) return answer(connection, *fault);
  if (request.method == Method::post) {
    if (request.path == kStopPath) return answer(connection, stop(connection, request));
    if (request.path == kClaimPath) return claim(connection, request);
    if (request.path == kLoginPath) return log_in(connection, request);
    if (request.path == kLogoutPath) return log_out(connection);
  }
  if (session_route_of(request) != 0) return begin_answer(connection, request);
  if (const auto told = told_at_once(connection, request)) return answer(connection, *told);
  return answer(connection, answer_plain(request, profile_));
}

/// What the door has to tell, which needs no WebSocket whatever else is asked for.
std::optional<HttpAnswer> WsServer::told_at_once(const Connection& connection, const HttpRequest& request) {
  if (asks_for_health(request)) return health(connection, request);
  if (asks_for_thing(request)) return thing(connection, request);
  return std::nullopt;
}

/// A stranger is told one word; on what it depends, whoever has a credential.
HttpAnswer WsServer::health(const Connection& connection, const HttpRequest& request) {
  const Result<Caller> caller = caller_of(connection, request);
  const bool shows_one = caller && (!caller->bearer.empty() || caller->certified != nullptr);
  const Result<std::int64_t> left_s = !caller     ? caller.error()
                                      : shows_one ? door_.log_in(*caller, loop_.now())
                                                  : Result<std::int64_t>{0};
  if (left_s) return health_answer(door_.health(loop_.now()), shows_one, request);
  HttpAnswer refused = refusal(left_s.error());
  refused.head_only = request.method == Method::head;
  return refused;
}

/// Waits for the body, as long as libwebsockets waits for any.
int WsServer::claim(Connection& connection, const HttpRequest& request) {
  const Result<std::uint8_t> size = body_size(request.content_length, connection.pong.size());
  if (!size) {
    const std::uint16_t status = size.error().reason == Reason::too_big ? 413 : 411;
    return answer(connection, refusal(status, size.error()));
  }
  connection.body_size = *size;
  return expect_body(connection, request);
}

/// RFC 9110 section 10.1.1: who asks before sending the body is told to.
int WsServer::expect_body(Connection& connection, const HttpRequest& request) {
  return request.expects_continue ? send(connection, "HTTP/1.1 100 Continue\r\n\r\n") : 0;
}

int WsServer::on_body(Connection& connection, std::string_view part) {
  if (connection.route != 0 && connection.session)
    door_.received(connection.session, part, false, false, loop_.now());
  if (connection.body_size == 0) return 0;
  const std::size_t taken = std::min<std::size_t>(part.size(), connection.body_size - connection.pong_size);
  std::copy_n(part.begin(), taken, connection.pong.begin() + connection.pong_size);
  connection.pong_size = static_cast<std::uint8_t>(connection.pong_size + taken);
  if (connection.pong_size < connection.body_size) return 0;
  const std::string_view body{reinterpret_cast<const char*>(connection.pong.data()), connection.body_size};
  const Caller caller{.peer = connection.peer.text, .network = connection.peer.network()};
  connection.body_size = connection.pong_size = 0;
  connection.claiming = true;
  const Result<void> begun = door_.claim(connection.id, caller, body, loop_.now());
  return begun ? 0 : answer(connection, refusal(begun.error()));
}

void WsServer::do_claimed(session::ConnectionId id, const Result<std::string_view>& token) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->dropped) {
    if (token)
      log(Severity::warning, "who claimed the device is gone, and nobody has the token: see reopen-claim");
    return;
  }
  HttpAnswer told = token ? HttpAnswer{} : refusal(token.error());
  if (token) told.long_body = *token;
  answer(*connection, told);
  lws_callback_on_writable(connection->wsi);  // then it is closed
}

std::optional<HttpAnswer> WsServer::stray(const Connection& connection, const HttpRequest& request) {
  const FixedText<45> local = own_address(connection.fd);
  std::optional<HttpAnswer> fault = stray_of(request, {.site = site_, .local = local, .secure = tls_});
  if (fault) ++strays_;
  return fault;
}

Result<std::string_view> WsServer::thing_of(const Connection& connection, const HttpRequest& request) {
  const Result<Caller> caller = caller_of(connection, request);
  if (!caller) return caller.error();
  if (!is_authority(request.host))  // HTTP/1.0
    return Error{Reason::malformed, "the Host header must say by which name this device is reached"};
  const auto url = format_text<127>("%s://%.*s%.*s", tls_ ? "wss" : "ws", length(request.host),
                                    request.host.data(), length(kSocketPath), kSocketPath.data());
  return door_.thing(*caller, url, loop_.now());
}

HttpAnswer WsServer::thing(const Connection& connection, const HttpRequest& request) {
  const Result<std::string_view> text = thing_of(connection, request);
  HttpAnswer answer = text ? HttpAnswer{.content_type = "application/td+json"} : refusal(text.error());
  if (text) answer.long_body = *text;
  answer.head_only = request.method == Method::head;
  return answer;
}

/// A cookie stands for a token, so neither another cookie nor a certificate gets one.
int WsServer::log_in(Connection& connection, const HttpRequest& request) {
  const Result<std::string_view> token = bearer_of(request.authorization);
  if (!token) return answer(connection, refusal(token.error()));
  const Caller caller{.peer = connection.peer.text, .network = connection.peer.network(), .bearer = *token};
  const Result<std::int64_t> left_s = door_.log_in(caller, loop_.now());
  if (!left_s) return answer(connection, refusal(left_s.error()));
  return answer(connection, {.status = 204, .cookie = set_cookie(*token, *left_s, tls_)});
}

int WsServer::log_out(Connection& connection) {
  return answer(connection, {.status = 204, .cookie = set_cookie("", 0, tls_)});
}

HttpAnswer WsServer::stop(const Connection& connection, const HttpRequest& request) {
  const Result<Caller> caller = caller_of(connection, request);
  if (!caller) return refusal(caller.error());
  const Result<void> stopped = door_.stop(*caller, loop_.now());
  return stopped ? HttpAnswer{.body = "{\"outcome\":\"stopped\"}\n"} : refusal(stopped.error());
}

void WsServer::on_bad_request(Connection& connection, std::string_view beginning) {
  on_tls_done(connection);
  if (has_other_method(beginning)) {
    answer(connection, refusal({.reason = Reason::unknown_type, .detail = "GET, HEAD and POST only"}));
    return;
  }
  // libwebsockets does not tell why. Its table spends a few bytes of its own on each header, so it can be
  // full before as many bytes have come as it has.
  const bool long_head = connection.header_bytes >= header_bytes_max_ / 3U;
  answer(
      connection,
      long_head
          ? refusal(lws_hdr_total_length(connection.wsi, WSI_TOKEN_HTTP) == 0 ? 414 : 431,
                    {.reason = Reason::too_big,
                     .detail = format_text<95>(
                         "the request's head is too long or wrong; it may have %u bytes", header_bytes_max_)})
          : refusal(400, {.reason = Reason::malformed, .detail = "no HTTP request that is understood here"}));
}

}  // namespace signalbox::link
