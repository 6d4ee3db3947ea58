// Requests of HTTP that sessions answer, and the WebSocket for tools that send nothing.
#include <array>
#include <charconv>
#include <libwebsockets.h>

#include "link/header_list.hpp"
#include "link/http_session.hpp"
#include "link/ws_server.hpp"

// Gives the table of headers back, which libwebsockets else keeps until the connection ends.
extern "C" int lws_header_table_detach(lws* wsi, int autoservice);

namespace signalbox::link {
namespace {

using session::Outgoing;

constexpr std::uint32_t kBodyBytesMax = 1U << 20U;  // far more than any session takes, which says so itself

const SessionRoute& route_of(const Connection& connection) { return kSessionRoutes[connection.route - 1U]; }

/// What is wrong with the body that is announced; nothing where it may come.
std::optional<HttpAnswer> fault_of_body(const HttpRequest& request) {
  const std::string_view type = trimmed(request.content_type.substr(0, request.content_type.find(';')));
  if (!equals_ignoring_case(type, "application/json"))
    return refusal(415,
                   {Reason::malformed, "expected the header 'Content-Type: application/json', and JSON"});
  const std::string_view length = request.content_length;
  std::uint32_t size = 0;
  const char* end = length.data() + length.size();
  const std::from_chars_result read = std::from_chars(length.data(), end, size);
  if (read.ec == std::errc::result_out_of_range || size > kBodyBytesMax)
    return refusal(
        {Reason::too_big, "the body is longer than any message may be; see messageBytes in describe"});
  if (read.ec != std::errc{} || read.ptr != end || size == 0)
    return refusal(411, {Reason::malformed, "a body is expected, with its Content-Length"});
  return std::nullopt;
}

/// What is wrong with a stream's query, by the names that its parameters have.
Error of_parameter(Error error) {
  constexpr std::string_view kPlace = "payload.";
  if (error.field.view().starts_with(kPlace))
    error.field = FixedText<31>{error.field.view().substr(kPlace.size())};
  if (error.field.view() == "periodMs") error.field = "period";
  return error;
}

/// Why a session ended that had not begun its answer.
Error error_of(const Outgoing& ending) {
  switch (ending.close_code) {
    case 1001:
    case 1013: return {Reason::overloaded, ending.close_reason, {}, 1000};
    case 1008: return {Reason::expired, ending.close_reason};
    case 1009:
      return {Reason::too_big, "the body is longer than a message may be; see messageBytes in describe"};
    default: return {Reason::internal, ending.close_reason};
  }
}

}  // namespace

/// Whatever is wrong with what it asks for is told before the upgrade.
int WsServer::begin_stream(Connection& connection, const HttpRequest& request) {
  std::array<char, kRequestBytesMax> memory;
  const Result<std::string_view> text = request_text(request, kStreamOperation, memory);
  if (!text) return answer(connection, refusal(text.error()));
  const Result<void> admitted = admit(connection, request, stream_dialect(request.format), kStreamOperation);
  if (!admitted) return answer(connection, refusal(admitted.error()));
  connection.begun = true;
  door_.opened(connection.session, loop_.now());
  door_.received(connection.session, *text, true, true, loop_.now());
  const std::optional<Error> refused = door_.refusal(connection.session);
  if (!refused) return 0;
  end_session(connection);
  return answer(connection, refusal(of_parameter(*refused)));
}

int WsServer::begin_answer(Connection& connection, const HttpRequest& request) {
  connection.head_only = request.method == HttpRequest::Method::head;
  connection.by_1_1 = request.http_1_1;
  const auto refused = [&](HttpAnswer told) {
    told.head_only = connection.head_only;
    return answer(connection, told);
  };
  const std::uint8_t place = session_route_of(request);
  const SessionRoute& route = kSessionRoutes[place - 1U];
  std::array<char, kRequestBytesMax> memory;
  const Result<std::string_view> text = request_text(request, route.operation, memory);
  if (!text) return refused(refusal(text.error()));
  if (route.has_body())
    if (const auto fault = fault_of_body(request)) return refused(*fault);
  const Result<void> admitted = admit(connection, request, route.dialect, route.operation);
  if (!admitted) return refused(refusal(admitted.error()));
  connection.route = static_cast<std::uint8_t>(place & 0xFU);
  connection.begun = connection.opened = true;
  connection.body_over = !route.has_body();
  door_.opened(connection.session, loop_.now());
  door_.received(connection.session, *text, true, !route.has_body(), loop_.now());
  if (route.has_body())
    return expect_body(connection, request);  // libwebsockets waits for it, for as long as for a head
  lws_set_timeout(connection.wsi, NO_PENDING_TIMEOUT, 0);
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int WsServer::on_body_end(Connection& connection) {
  // Something came behind it, and is dropped.
  if (connection.body_over || connection.claiming || !connection.rest.empty()) {
    connection.late_bytes += kRecordBytes;
    return connection.late_bytes > kLateBytesMax ? kHangUp : 0;
  }
  if (connection.route == 0 || !connection.session) return 0;
  connection.body_over = true;
  door_.received(connection.session, {}, false, true, loop_.now());
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int WsServer::send_head(Connection& connection, const Outgoing& beginning) {
  std::array<char, LWS_PRE + kHeadBytesMax> memory{};
  const AnswerHead head{.status = beginning.status,
                        .content_type = beginning.status == 200 ? route_of(connection).content_type
                                                                : std::string_view{"application/json"},
                        .retry_after_ms = beginning.status == 200 ? 0 : beginning.retry_after_ms,
                        .chunked = connection.by_1_1};
  const std::size_t size =
      render(head, date_line(door_.wall_time(loop_.now())), {memory.data() + LWS_PRE, kHeadBytesMax});
  connection.answered = true;
  lws_header_table_detach(connection.wsi, 0);
  return write(connection, {memory.data() + LWS_PRE, size}, LWS_WRITE_HTTP_HEADERS);
}

int WsServer::send_body(Connection& connection, bool& more) {
  more = false;
  if (!connection.session) return 0;
  const std::span<char> room{reinterpret_cast<char*>(scratch_.data() + LWS_PRE), kRecordBytes};
  const std::span<char> into = room.subspan(kChunkHeadBytes, room.size() - kChunkHeadBytes - kChunkEndBytes);
  Outgoing next = door_.next(connection.session, into, loop_.now());
  std::size_t size = next.bytes.size();
  switch (next.kind) {
    case Outgoing::Kind::nothing: return 0;
    case Outgoing::Kind::close: return end_body(connection, next);
    case Outgoing::Kind::ping:
      more = next.more;
      size = connection.answered ? route_of(connection).heartbeat.copy(into.data(), into.size()) : 0;
      break;
    case Outgoing::Kind::text:
      more = next.more || !next.last;
      if (!connection.answered && send_head(connection, next) != 0) return kHangUp;
      if (connection.head_only) return end_body(connection, next);
      break;
  }
  if (size == 0) return 0;
  const std::span<char> sent = connection.by_1_1 ? chunk(room, size) : into.first(size);
  return write(connection, sent, LWS_WRITE_HTTP);
}

int WsServer::end_body(Connection& connection, const Outgoing& ending) {
  end_session(connection);
  if (!connection.answered) {
    HttpAnswer told = refusal(error_of(ending));
    told.head_only = connection.head_only;
    return answer(connection, told);
  }
  if (connection.by_1_1 && !connection.head_only) send(connection, kLastChunk);
  return kHangUp;  // what was written goes out first
}

}  // namespace signalbox::link
