// A plain libwebsockets server for the tests of the patched libraries: TLS, HTTP, a ws echo, and a control
// channel on standard input (commands below; each answers with one line of JSON).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <libwebsockets.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl_ticket.h>
#include <psa/crypto.h>
#include <signalbox_lws.h>
#include <unistd.h>

#include "heap.hpp"

namespace {

struct Options {
  const char* cert = nullptr;
  const char* key = nullptr;
  const char* client_ca = nullptr;
  const char* crl = nullptr;
  const char* interface = nullptr;
  bool require = false;      // a client certificate is required; else, with a client CA, asked for
  bool hook = false;         // one cipher suite, one group, session tickets
  bool second_host = false;  // another virtual host on the same port
};

struct Counts {
  long established = 0;
  long closed = 0;
  long received = 0;
  long passes = 0;
};

constexpr std::size_t kMessageMax = 20 * 1024;

struct Session {
  bool paced;       // asks for flow control at each piece
  bool has_answer;  // a whole message waits to be echoed
  std::size_t length;
  unsigned char buffer[LWS_PRE + kMessageMax];
};

Options options;
Counts counts;
lws_context* context = nullptr;
lws_vhost* vhost = nullptr;
bool running = true;

mbedtls_ssl_ticket_context tickets;
mbedtls_ctr_drbg_context ticket_random;
mbedtls_entropy_context ticket_entropy;
mbedtls_x509_crl revoked;

int on_receive(lws* wsi, Session* session, const void* in, std::size_t length) {
  ++counts.received;
  if (session->length + length > kMessageMax) return -1;
  std::memcpy(session->buffer + LWS_PRE + session->length, in, length);
  session->length += length;
  if (session->paced) {
    lws_rx_flow_control(wsi, 0);
    lws_set_timer_usecs(wsi, 2000);
  }
  if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
    session->has_answer = true;
    lws_callback_on_writable(wsi);
  }
  return 0;
}

int on_echo(lws* wsi, lws_callback_reasons reason, void* user, void* in, std::size_t length) {
  auto* session = static_cast<Session*>(user);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      ++counts.established;
      session->paced = std::strcmp(lws_get_protocol(wsi)->name, "paced") == 0;
      return 0;
    case LWS_CALLBACK_CLOSED: ++counts.closed; return 0;
    case LWS_CALLBACK_RECEIVE: return on_receive(wsi, session, in, length);
    case LWS_CALLBACK_TIMER: lws_rx_flow_control(wsi, 1); return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      if (!session->has_answer) return 0;
      if (lws_write(wsi, session->buffer + LWS_PRE, session->length, LWS_WRITE_BINARY) < 0) return -1;
      session->has_answer = false;
      session->length = 0;
      return 0;
    default: return 0;
  }
}

int answer(lws* wsi) {
  static const char kBody[] = "ok\n";
  unsigned char buffer[LWS_PRE + 512];
  unsigned char* start = buffer + LWS_PRE;
  unsigned char* end = buffer + sizeof buffer;
  unsigned char* p = start;
  if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, "text/plain", sizeof kBody - 1, &p, end) != 0)
    return 1;
  if (lws_finalize_write_http_header(wsi, start, &p, end) != 0) return 1;
  std::memcpy(start, kBody, sizeof kBody - 1);
  if (lws_write(wsi, start, sizeof kBody - 1, LWS_WRITE_HTTP_FINAL) < 0) return 1;
  return lws_http_transaction_completed(wsi);
}

int on_http(lws* wsi, lws_callback_reasons reason, void* user, void* in, std::size_t length) {
  switch (reason) {
    case LWS_CALLBACK_HTTP:
      if (std::strcmp(static_cast<const char*>(in), "/file") == 0)
        return lws_serve_http_file(wsi, options.cert, "text/plain", nullptr, 0) < 0 ? 1 : 0;
      return answer(wsi);
    case LWS_CALLBACK_HTTP_BODY: return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return answer(wsi);
    case LWS_CALLBACK_HTTP_FILE_COMPLETION: return lws_http_transaction_completed(wsi);
    default: return lws_callback_http_dummy(wsi, reason, user, in, length);
  }
}

void print_stats() {
  char line[512];
  const int n = std::snprintf(
      line, sizeof line,
      "{\"heap\":%ld,\"lws\":%ld,\"lws_peak\":%ld,\"lws_blocks\":%ld,\"lws_calls\":%ld,\"lws_refused\":%ld,"
      "\"tls\":%ld,\"tls_peak\":%ld,\"tls_blocks\":%ld,\"tls_calls\":%ld,\"tls_refused\":%ld,"
      "\"established\":%ld,\"closed\":%ld,\"received\":%ld,"
      "\"passes\":%ld}\n",
      heap::trapped_calls(), heap::lws_pool.bytes, heap::lws_pool.peak, heap::lws_pool.blocks,
      heap::lws_pool.calls, heap::lws_pool.refused, heap::tls_pool.bytes, heap::tls_pool.peak,
      heap::tls_pool.blocks, heap::tls_pool.calls, heap::tls_pool.refused, counts.established, counts.closed,
      counts.received, counts.passes);
  (void)!write(STDOUT_FILENO, line, static_cast<std::size_t>(n));
}

void command(char* line) {
  char verb[16] = "";
  long argument = 0;
  std::sscanf(line, "%15s %ld", verb, &argument);
  if (std::strcmp(verb, "reload") == 0)
    lws_tls_cert_updated(context, options.cert, options.key, nullptr, 0, nullptr, 0);
  if (std::strcmp(verb, "limit") == 0) heap::lws_pool.limit = heap::tls_pool.limit = argument;
  if (std::strcmp(verb, "fail-lws") == 0) heap::lws_pool.fail_at = heap::lws_pool.calls + argument;
  if (std::strcmp(verb, "fail-tls") == 0) heap::tls_pool.fail_at = heap::tls_pool.calls + argument;
  if (std::strcmp(verb, "quit") == 0) running = false;
  print_stats();
}

int on_control(lws* wsi, lws_callback_reasons reason, void*, void*, std::size_t) {
  if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) running = false;
  if (reason != LWS_CALLBACK_RAW_RX_FILE) return 0;
  char line[128];
  const ssize_t n = read(lws_get_socket_fd(wsi), line, sizeof line - 1);
  if (n <= 0) {
    running = false;
    return 0;
  }
  line[n] = '\0';
  command(line);
  return 0;
}

const lws_protocols kProtocols[] = {
    {"http", on_http, 0, 0, 0, nullptr, 0},
    {"echo", on_echo, sizeof(Session), 4096, 0, nullptr, 0},
    {"paced", on_echo, sizeof(Session), 4096, 0, nullptr, 0},
    {"control", on_control, 0, 0, 0, nullptr, 0},
    LWS_PROTOCOL_LIST_TERM,
};

void configure_tls(mbedtls_ssl_config* config, int is_server) {
  static const int kSuites[] = {MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0};
  static const std::uint16_t kGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                          MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
  if (is_server == 0) return;
  if (options.hook) {
    mbedtls_ssl_conf_ciphersuites(config, kSuites);
    mbedtls_ssl_conf_groups(config, kGroups);
    mbedtls_ssl_conf_session_tickets_cb(config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &tickets);
  }
  if (options.crl != nullptr) mbedtls_ssl_conf_ca_chain(config, nullptr, &revoked);
}

bool prepare_hook() {
  mbedtls_ssl_ticket_init(&tickets);
  mbedtls_ctr_drbg_init(&ticket_random);
  mbedtls_entropy_init(&ticket_entropy);
  mbedtls_x509_crl_init(&revoked);
  if (options.crl != nullptr) {
    static unsigned char text[16384];
    std::FILE* file = std::fopen(options.crl, "rb");
    if (file == nullptr) return false;
    const std::size_t n = std::fread(text, 1, sizeof text - 1, file);
    std::fclose(file);
    if (mbedtls_x509_crl_parse(&revoked, text, n + 1) != 0) return false;
  }
  signalbox_tls_config_hook = configure_tls;
  return mbedtls_ctr_drbg_seed(&ticket_random, mbedtls_entropy_func, &ticket_entropy, nullptr, 0) == 0 &&
         mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &ticket_random,
                                  MBEDTLS_CIPHER_AES_256_GCM, 3600) == 0;
}

bool parse(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const char* name = argv[i];
    const auto is = [name](const char* option) { return std::strcmp(name, option) == 0; };
    const auto takes = [&](const char* option) { return i + 1 < argc && is(option); };
    if (is("--require"))
      options.require = true;
    else if (is("--hook"))
      options.hook = true;
    else if (is("--second-host"))
      options.second_host = true;
    else if (takes("--cert"))
      options.cert = argv[++i];
    else if (takes("--key"))
      options.key = argv[++i];
    else if (takes("--client-ca"))
      options.client_ca = argv[++i];
    else if (takes("--crl"))
      options.crl = argv[++i];
    else if (takes("--interface"))
      options.interface = argv[++i];
    else
      return false;
  }
  return options.cert != nullptr && options.key != nullptr;
}

lws_context_creation_info describe() {
  lws_context_creation_info info{};
  info.port = 0;
  info.iface = options.interface;
  info.protocols = kProtocols;
  info.vhost_name = "localhost";
  info.ssl_cert_filepath = options.cert;
  info.ssl_private_key_filepath = options.key;
  info.ssl_ca_filepath = options.client_ca;
  info.fd_limit_per_thread = 256;
  info.max_http_header_pool = 64;
  info.max_http_header_data = 2048;
  info.pt_serv_buf_size = 4096;
  info.timeout_secs = 5;
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                 LWS_SERVER_OPTION_VALIDATE_UTF8;
  if (options.client_ca != nullptr) info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
  if (options.client_ca != nullptr && !options.require)
    info.options |= LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED;
  return info;
}

bool start() {
  lws_context_creation_info info = describe();
  context = lws_create_context(&info);
  if (context == nullptr) return false;
  vhost = lws_create_vhost(context, &info);
  if (vhost == nullptr) return false;
  const int port = lws_get_vhost_listen_port(vhost);
  info.port = port;
  info.vhost_name = "second.test";
  if (options.second_host && lws_create_vhost(context, &info) == nullptr) return false;

  lws_sock_file_fd_type input{};
  input.filefd = STDIN_FILENO;
  if (lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, input, "control", nullptr) == nullptr)
    return false;
  char line[32];
  const int n = std::snprintf(line, sizeof line, "ready %d\n", port);
  return write(STDOUT_FILENO, line, static_cast<std::size_t>(n)) == n;
}

}  // namespace

int main(int argc, char** argv) {
  if (!parse(argc, argv)) {
    std::fputs(
        "endpoint: usage: --cert FILE --key FILE [--client-ca FILE [--require] [--crl FILE]] [--hook] …\n",
        stderr);
    return 2;
  }
  lws_set_log_level(LLL_ERR | LLL_WARN, lwsl_emit_stderr_notimestamp);
  lws_set_allocator(heap::lws_hook);
  mbedtls_platform_set_calloc_free(heap::tls_calloc, heap::tls_free);
  tzset();
  if (psa_crypto_init() != PSA_SUCCESS || !prepare_hook() || !start()) {
    std::fputs("endpoint: cannot start\n", stderr);
    return 1;
  }
  heap::arm_trap();
  while (running && lws_service(context, 0) >= 0) ++counts.passes;
  lws_context_destroy(context);
  print_stats();
  return 0;
}
