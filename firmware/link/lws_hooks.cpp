#include "link/lws_hooks.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <libwebsockets.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <string_view>

#include "base/check.hpp"
#include "base/log.hpp"

namespace signalbox::link {
namespace {

constexpr int kLogLinesPerSecond = 5;

TimeSource log_time;
Loop* serving_loop = nullptr;
Instant log_second{};
int log_lines = 0;

/// What came behind a handshake in one read. libwebsockets writes its answer into the buffer that holds it.
struct Eager {
  lws* wsi = nullptr;
  unsigned char* place = nullptr;
  std::size_t size = 0;
  std::array<unsigned char, 4096> copy;
};
Eager eager;

std::string_view parsed_beginning;

void write_log(int level, const char* line) {
  const Instant now = log_time.now();
  if (now - log_second >= from_ms(1000)) {
    log_second = now;
    log_lines = 0;
  }
  if (++log_lines > kLogLinesPerSecond) return;
  std::string_view text{line};
  while (text.ends_with('\n')) text.remove_suffix(1);
  log(level == LLL_ERR ? Severity::error : Severity::warning, "libwebsockets: %.*s",
      static_cast<int>(text.size()), text.data());
}

int callback(lws* wsi, lws_callback_reasons reason, void* /*user*/, void* in, std::size_t size) {
  switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return LwsHooks::handshake(wsi, static_cast<const char*>(in));
    case LWS_CALLBACK_HTTP: return LwsHooks::request(wsi);
    case LWS_CALLBACK_HTTP_BODY: return LwsHooks::body(wsi, {static_cast<const char*>(in), size});
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return LwsHooks::body_end(wsi);
    case LWS_CALLBACK_ESTABLISHED: return LwsHooks::open(wsi);
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_SERVER_WRITEABLE: return LwsHooks::writable(wsi);
    case LWS_CALLBACK_WSI_DESTROY: LwsHooks::gone(wsi); return 0;
    case LWS_CALLBACK_RECEIVE: SIGNALBOX_CHECK(false && "linked without --wrap=lws_parse_ws"); return -1;
    default: return 0;
  }
}

}  // namespace

lws_protocols LwsHooks::protocol(const char* name, std::uint16_t chunk_bytes) {
  lws_protocols its{};
  its.name = name;
  its.callback = callback;
  its.rx_buffer_size = WsServer::kReadBytes;
  its.tx_packet_size = chunk_bytes;
  return its;
}

void LwsHooks::start(Loop& loop) {
  serving_loop = &loop;
  log_time = {[](void* of) { return static_cast<Loop*>(of)->now(); }, &loop};
  lws_set_log_level(LLL_ERR | LLL_WARN, write_log);
}

Connection* LwsHooks::connection_of(lws* wsi) {
  auto* connection = static_cast<Connection*>(lws_get_opaque_user_data(wsi));
  if (connection != nullptr) connection->wsi = wsi;
  return connection;
}

WsServer& LwsHooks::server_of(lws* wsi) {
  return *static_cast<WsServer*>(lws_context_user(lws_get_context(wsi)));
}

int LwsHooks::descriptor_of(const void* bio) { return static_cast<const mbedtls_net_context*>(bio)->fd; }

int LwsHooks::handshake(lws* wsi, const char* wanted) {
  Connection* connection = connection_of(wsi);
  if (connection == nullptr) return -1;
  if (std::string_view{wanted} == "h2c") return 0;  // not spoken: goes on as plain HTTP
  return server_of(wsi).on_handshake(*connection);
}

int LwsHooks::request(lws* wsi) {
  Connection* connection = connection_of(wsi);
  return connection != nullptr ? server_of(wsi).on_request(*connection) : -1;
}

int LwsHooks::body(lws* wsi, std::string_view part) {
  Connection* connection = connection_of(wsi);
  return connection != nullptr ? server_of(wsi).on_body(*connection, part) : -1;
}

int LwsHooks::body_end(lws* wsi) {
  Connection* connection = connection_of(wsi);
  return connection != nullptr ? server_of(wsi).on_body_end(*connection) : -1;
}

void LwsHooks::keep_eager(lws* wsi, unsigned char* bytes, std::size_t size) {
  eager.wsi = wsi;
  eager.place = bytes;
  eager.size = std::min(size, eager.copy.size());
  std::copy_n(bytes, eager.size, eager.copy.data());
}

void LwsHooks::head(lws* wsi, std::uint32_t bytes, bool failed) {
  Connection* connection = connection_of(wsi);
  if (connection == nullptr) return;
  connection->header_bytes += bytes;
  if (failed) server_of(wsi).on_bad_request(*connection, parsed_beginning);
}

bool LwsHooks::is_first(lws* wsi) {
  const Connection* connection = connection_of(wsi);
  return connection != nullptr && connection->header_bytes == 0;
}

void LwsHooks::begins(std::string_view beginning) { parsed_beginning = beginning; }

void LwsHooks::no_room(lws* wsi) {
  if (const Connection* connection = connection_of(wsi); connection != nullptr)
    server_of(wsi).wire().drop(connection->id);
}

int LwsHooks::bytes(lws* wsi, unsigned char** bytes, std::size_t size) {
  Connection* connection = connection_of(wsi);
  if (connection == nullptr) return -1;
  std::span<unsigned char> input{*bytes, size};
  const int result = server_of(wsi).on_bytes(*connection, input);
  *bytes += size - input.size();
  return result;
}

bool LwsHooks::has_turn(lws* wsi) {
  Connection* connection = connection_of(wsi);
  if (connection == nullptr || server_of(wsi).on_handshake_step(*connection)) return true;
  if (connection->stalled) lws_callback_on_writable(wsi);  // this wish was taken back before we were asked
  return false;
}

void LwsHooks::stalled(lws* wsi, bool stalled) {
  if (Connection* connection = connection_of(wsi); connection != nullptr) connection->stalled = stalled;
}

void LwsHooks::tls_done(lws* wsi) {
  if (Connection* connection = connection_of(wsi); connection != nullptr)
    server_of(wsi).on_tls_done(*connection);
}

int LwsHooks::read(int fd, std::span<unsigned char> into) {
  const std::ptrdiff_t size = serving_loop->read(fd, into);
  if (size >= 0) return static_cast<int>(size);
  if (errno == EAGAIN || errno == EINTR) return MBEDTLS_ERR_SSL_WANT_READ;
  return errno == ECONNRESET || errno == EPIPE ? MBEDTLS_ERR_NET_CONN_RESET : MBEDTLS_ERR_NET_RECV_FAILED;
}

int LwsHooks::write(int fd, std::span<const unsigned char> bytes) {
  const std::ptrdiff_t size = serving_loop->write(fd, bytes);
  if (size >= 0) return static_cast<int>(size);
  if (errno == EAGAIN || errno == EINTR) return MBEDTLS_ERR_SSL_WANT_WRITE;
  return errno == ECONNRESET || errno == EPIPE ? MBEDTLS_ERR_NET_CONN_RESET : MBEDTLS_ERR_NET_SEND_FAILED;
}

int LwsHooks::open(lws* wsi) {
  Connection* connection = connection_of(wsi);
  if (connection == nullptr) return -1;
  if (eager.wsi == wsi) std::copy_n(eager.copy.data(), eager.size, eager.place);
  eager.wsi = nullptr;
  server_of(wsi).on_open(*connection);
  return 0;
}

int LwsHooks::writable(lws* wsi) {
  Connection* connection = connection_of(wsi);
  return connection != nullptr ? server_of(wsi).on_writable(*connection) : -1;
}

void LwsHooks::gone(lws* wsi) {
  Connection* connection = connection_of(wsi);
  if (connection == nullptr) return;
  lws_set_opaque_user_data(wsi, nullptr);
  server_of(wsi).on_gone(*connection);
}

}  // namespace signalbox::link

using signalbox::link::LwsHooks;

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
extern "C" {
int __real_lws_parse(lws* wsi, unsigned char* bytes, int* size);
int __real_lws_tls_server_accept(lws* wsi);
int __real_lws_tls_server_conn_alpn(lws* wsi);
int __real_lws_header_table_attach(lws* wsi, int autoservice);

int __wrap_lws_header_table_attach(lws* wsi, int autoservice);
int __wrap_lws_parse(lws* wsi, unsigned char* bytes, int* size);
int __wrap_lws_parse_ws(lws* wsi, unsigned char** bytes, std::size_t size);
int __wrap_lws_tls_server_accept(lws* wsi);
int __wrap_lws_tls_server_conn_alpn(lws* wsi);
int __wrap_lws_plat_mbedtls_net_recv(void* socket, unsigned char* into, std::size_t size);
int __wrap_lws_plat_mbedtls_net_send(void* socket, const unsigned char* bytes, std::size_t size);
int __wrap_lws_return_http_status(lws* wsi, unsigned int code, const char* html_body);

int __wrap_lws_parse(lws* wsi, unsigned char* bytes, int* size) {
  const int before = *size;
  if (LwsHooks::is_first(wsi))
    LwsHooks::begins({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(before)});
  int result = __real_lws_parse(wsi, bytes, size);
  // CONNECT would become a raw connection that nothing ever ends.
  if (result == 0 && lws_hdr_total_length(wsi, WSI_TOKEN_CONNECT) > 0) result = -1;
  const int used = before - *size;
  if (result == 0 && *size > 0) LwsHooks::keep_eager(wsi, bytes + used, static_cast<std::size_t>(*size));
  LwsHooks::head(wsi, static_cast<std::uint32_t>(used), result != 0);
  LwsHooks::begins({});
  return result;
}

int __wrap_lws_header_table_attach(lws* wsi, int autoservice) {
  const int result = __real_lws_header_table_attach(wsi, autoservice);
  if (result != 0) LwsHooks::no_room(wsi);
  return result;
}

int __wrap_lws_parse_ws(lws* wsi, unsigned char** bytes, std::size_t size) {
  return LwsHooks::bytes(wsi, bytes, size);
}

int __wrap_lws_tls_server_accept(lws* wsi) {
  // LWS_SSL_CAPABLE_MORE_SERVICE_READ and _WRITE, which libwebsockets keeps to itself.
  constexpr int kMoreToRead = -2;
  constexpr int kMoreToWrite = -3;
  if (!LwsHooks::has_turn(wsi)) return kMoreToRead;
  const int result = __real_lws_tls_server_accept(wsi);
  LwsHooks::stalled(wsi, result == kMoreToWrite);
  return result;
}

int __wrap_lws_tls_server_conn_alpn(lws* wsi) {
  LwsHooks::tls_done(wsi);
  return __real_lws_tls_server_conn_alpn(wsi);
}

int __wrap_lws_plat_mbedtls_net_recv(void* socket, unsigned char* into, std::size_t size) {
  return LwsHooks::read(static_cast<mbedtls_net_context*>(socket)->fd, {into, size});
}

int __wrap_lws_plat_mbedtls_net_send(void* socket, const unsigned char* bytes, std::size_t size) {
  return LwsHooks::write(static_cast<mbedtls_net_context*>(socket)->fd, {bytes, size});
}

int __wrap_lws_return_http_status(lws* wsi, unsigned int /*code*/, const char* /*html_body*/) {
  LwsHooks::head(wsi, 0, true);
  return 1;
}
}
// NOLINTEND(bugprone-reserved-identifier)
