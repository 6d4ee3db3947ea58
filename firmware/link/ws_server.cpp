#include "link/ws_server.hpp"

#include <ctime>
#include <libwebsockets.h>
#include <utility>

#include "link/descriptor_limit.hpp"
#include "link/lws_hooks.hpp"

// Loads a certificate and key into a host, for `replace`. libwebsockets' public way compares file names.
extern "C" int lws_tls_server_certs_load(lws_vhost* host, lws* wsi, const char* certificate_file,
                                         const char* key_file, const char* certificate,
                                         std::size_t certificate_size, const char* key, std::size_t key_size);

namespace signalbox::link {
namespace {

constexpr std::size_t kDescriptorsBeside =
    32;  // libwebsockets' own, the listener, what others open meanwhile

std::array<lws_protocols, WsServer::kDialectsMax + 1> protocols;
constexpr lws_retry_bo_t kNoValidityTimers{};  // the sessions send the pings
/// A TLS record of 16 KB over a line of 1 KB a second is whole by then.
constexpr Duration kRecordWithin = from_ms(20'000);

TimeSource loop_time(Loop& loop) {
  return {[](void* its) { return static_cast<Loop*>(its)->now(); }, &loop};
}

}  // namespace

WsServer::WsServer(Loop& loop, session::Door& door, std::span<Connection> places,
                   std::span<Admission::Place> networks)
    : loop_{loop}, door_{door}, table_{places}, admission_{networks}, listener_{loop, *this} {
  SIGNALBOX_CHECK(networks.size() > places.size());
  static_assert(sizeof(scratch_) >= LWS_PRE + kRecordBytes);
}

Result<void> WsServer::open(const Options& options) {
  SIGNALBOX_CHECK(context_ == nullptr);
  if (options.profile.dialects.empty() || options.profile.dialects.size() > kDialectsMax)
    return Error{.reason = Reason::malformed, .detail = format_text<95>("1 to %zu dialects", kDialectsMax)};
  ::tzset();  // reads its files now and not in the middle of service
  profile_ = options.profile;
  site_ = options.site;
  close_s_ = options.close_s;
  header_bytes_max_ = options.header_bytes_max;
  handshake_within_ = from_ms(options.handshake_ms);
  admission_.set(options.admission);
  tls_ = options.credentials != nullptr;
  client_certificates_ = options.credentials != nullptr && !options.credentials->client_authority.empty();
  LwsHooks::start(loop_);
  if (options.credentials != nullptr) {
    const Tls::Policy policy{options.aes_first, client_certificates_ ? nullptr : options.tickets};
    if (Result<void> started = Tls::start(policy); !started) return started;
    if (Result<void> checked = Tls::check(*options.credentials); !checked) return checked;
    if (Result<void> taken = revoke(options.client_revocations); !taken) return taken;
    profile_.authority = options.credentials->authority;
    records_.start({options.cut_record_bytes_max, kRecordWithin}, loop_time(loop_));
  }
  if (Result<void> made = create_context(options); !made) return made;
  Result<void> listening = listener_.open(options.address, options.port, options.keep_alive);
  if (!listening) close();
  return listening;
}

void WsServer::fill_protocols(const Options& options) {
  protocols = {};
  for (std::size_t i = 0; i < options.profile.dialects.size(); ++i) {
    const std::string_view name = options.profile.dialects[i];
    name.copy(dialect_names_[i].data(), dialect_names_[i].size() - 1);
    protocols[i] = LwsHooks::protocol(dialect_names_[i].data(), kRecordBytes);
  }
}

Result<void> WsServer::create_context(const Options& options) {
  DescriptorLimit limit;
  if (Result<void> narrowed =
          limit.narrow(table_.gauge().capacity + kDescriptorsBeside, loop_.descriptors_max());
      !narrowed)
    return narrowed;
  fill_protocols(options);
  void* loops[] = {&loop_};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = protocols.data();
  info.options = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
  info.user = this;
  info.event_lib_custom = Loop::event_library();
  info.foreign_loops = loops;
  info.max_http_header_pool = static_cast<unsigned short>(table_.gauge().capacity);
  info.max_http_header_pool2 = static_cast<unsigned int>(table_.gauge().capacity);
  info.max_http_header_data = options.header_bytes_max;
  // Only to be sure: these begin anew with every few bytes, ours (`look_after_newcomers`) do not.
  const auto handshake_s = static_cast<int>(options.handshake_ms / 1000 + 1);
  info.timeout_secs = static_cast<unsigned int>(handshake_s);
  info.timeout_secs_ah_idle = static_cast<unsigned int>(handshake_s);
  info.keepalive_timeout = handshake_s;
  info.retry_and_idle_policy = &kNoValidityTimers;
  info.pt_serv_buf_size = 4096;
  if (options.credentials != nullptr) {
    const Credentials& credentials = *options.credentials;
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.alpn = "http/1.1";
    info.server_ssl_cert_mem = credentials.certificate.data();
    info.server_ssl_cert_mem_len = static_cast<unsigned int>(credentials.certificate.size());
    info.server_ssl_private_key_mem = credentials.key.data();
    info.server_ssl_private_key_mem_len = static_cast<unsigned int>(credentials.key.size());
    if (client_certificates_) {
      info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
      info.server_ssl_ca_mem = credentials.client_authority.data();
      info.server_ssl_ca_mem_len = static_cast<unsigned int>(credentials.client_authority.size());
    }
  }
  context_ = lws_create_context(&info);
  if (context_ == nullptr)
    return Error{.reason = Reason::overloaded,
                 .detail = "libwebsockets does not start; its region may be too small (see the lines above)"};
  host_ = lws_get_vhost_by_name(context_, "default");
  SIGNALBOX_CHECK(host_ != nullptr);
  loop_.serve(context_, this);
  return {};
}

void WsServer::stop_accepting() { listener_.close(); }

void WsServer::close() {
  listener_.close();
  if (context_ == nullptr) return;
  lws_context_destroy(context_);
  loop_.serve(nullptr, nullptr);
  context_ = nullptr;
  host_ = nullptr;
  records_.stop();
  Tls::stop();
  SIGNALBOX_CHECK(table_.gauge().used == 0);
}

Result<void> WsServer::replace(const Credentials& credentials) {
  SIGNALBOX_CHECK(host_ != nullptr);
  if (Result<void> checked = Tls::check(credentials); !checked) return checked;
  if (lws_tls_server_certs_load(host_, nullptr, nullptr, nullptr, credentials.certificate.data(),
                                credentials.certificate.size(), credentials.key.data(),
                                credentials.key.size()) != 0)
    return Error{.reason = Reason::overloaded,
                 .detail = "no room in the libraries' regions for the certificate"};
  profile_.authority = credentials.authority;
  return {};
}

void WsServer::do_want_write(session::ConnectionId id) {
  const Connection* connection = table_.find(id);
  if (connection == nullptr || !connection->opened || connection->dropped) return;
  if (connection == reading_)
    owed_ = true;
  else
    ask_to_write(*connection);
}

void WsServer::ask_to_write(const Connection& connection) {
  if (connection.is_socket()) return loop_.ask_to_write(connection.fd, connection.id);
  lws_callback_on_writable(connection.wsi);
  loop_.hasten(connection.fd);
}

/// Where the socket takes it, now; else libwebsockets tells when it does.
void WsServer::do_write(session::ConnectionId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr) return;
  if (!takes_more(*connection)) return void(lws_callback_on_writable(connection->wsi));
  if (on_writable(*connection) != kHangUp) return;
  lws_set_timeout(connection->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_SYNC);
}

void WsServer::do_resume_reading(session::ConnectionId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || !connection->paused || connection->dropped) return;
  connection->paused = false;
  lws_rx_flow_control(connection->wsi, 1);
}

std::span<const unsigned char> WsServer::peer_certificate(const Connection& connection) {
  if (!client_certificates_) return {};
  // libwebsockets wants room for the certificate behind its own type.
  auto* shown = reinterpret_cast<lws_tls_cert_info_results*>(scratch_.data());
  const std::size_t room = scratch_.size() - sizeof *shown + sizeof shown->ns.name;
  if (lws_tls_peer_cert_info(connection.wsi, LWS_TLS_CERT_INFO_DER_RAW, shown, room) != 0) return {};
  return {reinterpret_cast<const unsigned char*>(shown->ns.name), static_cast<std::size_t>(shown->ns.len)};
}

Result<void> WsServer::revoke(std::string_view lists) {
  const Result<void> taken = Tls::use_revocations(lists);
  if (!taken) return taken;
  table_.each([&](Connection& its) {
    if (!its.session) return;
    const std::span<const unsigned char> certificate = peer_certificate(its);
    if (!certificate.empty() && Tls::is_revoked(certificate))
      door_.dismiss(its.session, "the certificate was revoked", loop_.now());
  });
  // Whom it let in by a ticket is on a connection of any certificate.
  Tls::each_revoked(
      [](void* server, std::string_view id) {
        WsServer& its = *static_cast<WsServer*>(server);
        its.door_.dismiss_certified(id, its.loop_.now());
      },
      this);
  return {};
}

void WsServer::do_hang_up(session::ConnectionId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr) return;
  do_drop(id);
  end_session(*connection);
}

void WsServer::do_drop(session::ConnectionId id) {
  Connection* connection = table_.find(id);
  if (connection == nullptr || connection->dropped) return;
  connection->dropped = true;
  ++dropped_;
}

}  // namespace signalbox::link
