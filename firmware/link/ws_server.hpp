#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "link/admission.hpp"
#include "link/connection_table.hpp"
#include "link/frame_writer.hpp"
#include "link/http_routes.hpp"
#include "link/http_session.hpp"
#include "link/listener.hpp"
#include "link/loop.hpp"
#include "link/record_buffers.hpp"
#include "link/tls.hpp"
#include "session/door.hpp"

struct lws_context;
struct lws_protocols;
struct lws_vhost;

namespace signalbox::link {

/// The WebSocket server: libwebsockets for TCP, TLS, HTTP and the frames we send; our own reader for the
/// frames we get. Clients that are let in by the door get sessions behind it. One for the process.
class WsServer final : private session::Wire, private Acceptor, private Writer {
 public:
  struct Options {
    std::string_view address = "*";  ///< as `Listener::open` takes it
    std::uint16_t port = 8443;       ///< 0: any free one
    Profile profile;
    Site site;
    std::string_view client_revocations{};     ///< as `revoke` takes them; may be empty
    const Credentials* credentials = nullptr;  ///< nullptr: without TLS, for tests and behind a proxy
    TicketSeal* tickets = nullptr;             ///< stays; never used with client certificates
    bool aes_first = true;                     ///< as in `Tls::Policy`
    AdmissionLimits admission;
    std::uint32_t handshake_ms = 10'000;  ///< for TLS, and then again for the HTTP request
    std::uint16_t close_s = 5;            ///< for the peer's answer to our close frame
    std::uint16_t header_bytes_max = 4096;
    KeepAlive keep_alive;
    std::size_t cut_record_bytes_max = 1U << 20U;  ///< as in `RecordBuffers::Limits`
  };

  static constexpr std::size_t kDialectsMax = 6;
  /// What is written at once: one record of TLS, and one call of the kernel.
  static constexpr std::size_t kRecordBytes = 4096;
  static constexpr int kRecordsPerCall = 4;
  /// How much libwebsockets reads at once: a TLS record of 16 KB must need less than 100 reads.
  static constexpr std::size_t kReadBytes = 1024;
  /// What a callback returns to have libwebsockets close the connection.
  static constexpr int kHangUp = -1;
  /// So many pings that came together are answered each, of the rest the last.
  static constexpr int kPongsPerCall = 16;
  /// What may still come after a close frame, either side's, or a violation: what was under way. It is not
  /// charged to a session, so whoever sends more is cut off (RFC 6455 section 7.1.1).
  static constexpr std::uint32_t kLateBytesMax = 256 * 1024;

  /// As many connections at once as `places` has; `networks` has more.
  WsServer(Loop& loop, session::Door& door, std::span<Connection> places,
           std::span<Admission::Place> networks);
  WsServer(const WsServer&) = delete;
  WsServer& operator=(const WsServer&) = delete;
  ~WsServer() { close(); }

  /// Listens. After `LibraryHeaps::install` and `Loop::open`. What the options point at is copied or used at
  /// once, the profile's texts excepted: they stay. Errors say what to change.
  Result<void> open(const Options& options);
  /// Looks after those who come, bounded; returns when it has to again.
  Instant step(Instant now);
  /// Lets nobody in any more; open sessions go on.
  void stop_accepting();
  /// Drops what is left, calling `Door::closed` for each session, and gives all memory back.
  void close();

  /// New connections get these credentials, open ones keep theirs. Whether clients need certificates stays as
  /// it was at `open`. Where it fails, the old ones stay.
  Result<void> replace(const Credentials& credentials);
  /// Clients' certificates on these lists (PEM) are not taken from now on, in handshakes under way neither.
  /// Whoever was let in with one of them goes. Where it fails, the old lists stay.
  Result<void> revoke(std::string_view lists);

  /// What the sessions call.
  session::Wire& wire() { return *this; }
  std::uint16_t port() const { return listener_.port(); }
  const PoolGauge& connections() const { return table_.gauge(); }
  const Loop& loop() const { return loop_; }
  const Admission& admission() const { return admission_; }
  const RecordBuffers& records() const { return records_; }
  /// Requests that led to another host, or came from another site's page.
  std::uint64_t strays() const { return strays_; }
  /// Connections that were closed since the process had no descriptor left.
  std::uint64_t shed() const { return listener_.shed(); }

 private:
  friend struct LwsHooks;

  void do_want_write(session::ConnectionId id) override;
  void do_resume_reading(session::ConnectionId id) override;
  void do_drop(session::ConnectionId id) override;
  void do_hang_up(session::ConnectionId id) override;
  void do_claimed(session::ConnectionId id, const Result<std::string_view>& token) override;
  bool do_accepted(int fd, const Peer& peer) override;
  void do_write(session::ConnectionId id) override;

  bool has_room() const;
  void ask_to_write(const Connection& connection);
  void settle(Connection& connection);
  void look_after_newcomers(Instant now);
  bool make_way(Instant now);
  void tell_refused(Instant now);
  bool end_dropped();
  void let_shake_hands(Instant now);

  Result<void> create_context(const Options& options);
  void fill_protocols(const Options& options);

  // What libwebsockets tells; the results are what it wants: not 0 closes the connection.
  bool on_handshake_step(Connection& connection);
  void tell_clear_http(int fd);
  int on_handshake(Connection& connection);
  int on_request(Connection& connection);
  int on_body(Connection& connection, std::string_view part);
  int on_body_end(Connection& connection);
  /// `beginning`: the first bytes of the request, where it is them that are wrong; else empty.
  void on_bad_request(Connection& connection, std::string_view beginning);
  void on_tls_done(Connection& connection);
  void on_open(Connection& connection);
  int on_bytes(Connection& connection, std::span<unsigned char>& input);
  int take_bytes(Connection& connection, std::span<unsigned char>& input);
  int on_writable(Connection& connection);
  void on_gone(Connection& connection);

  Result<session::Caller> caller_of(const Connection& connection, const HttpRequest& request);
  /// What the client has shown, in `scratch_`; empty where no certificates are asked for.
  std::span<const unsigned char> peer_certificate(const Connection& connection);
  int on_frame(Connection& connection, const FrameReader::Event& event);
  int on_ping(Connection& connection, std::string_view payload);
  void heed(Connection& connection, session::Reading reading);
  bool is_late(const Connection& connection) const { return connection.closing || connection.reader.ended(); }
  int answer_close(Connection& connection);
  int send_record(Connection& connection, bool& more);
  int say_goodbye(Connection& connection, FrameWriter& frames, const session::Outgoing& goodbye);
  /// Where the frames to a connection are laid that `send` sends next.
  FrameWriter writer(Connection& connection);
  int send(Connection& connection, const FrameWriter& frames);
  /// Bytes of HTTP.
  int send(Connection& connection, std::string_view bytes);
  int write(Connection& connection, std::span<char> bytes, int kind);
  /// Whether a further record may be written in this call.
  bool takes_more(Connection& connection) const;
  static bool is_held_by_lws(Connection& connection);
  int answer(Connection& connection, const HttpAnswer& answer);
  int send_rest(Connection& connection);
  int begin_stream(Connection& connection, const HttpRequest& request);
  int begin_answer(Connection& connection, const HttpRequest& request);
  Result<void> admit(Connection& connection, const HttpRequest& request, std::string_view dialect,
                     std::string_view operation);
  int send_head(Connection& connection, const session::Outgoing& beginning);
  int send_body(Connection& connection, bool& more);
  int end_body(Connection& connection, const session::Outgoing& ending);
  HttpAnswer stop(const Connection& connection, const HttpRequest& request);
  int claim(Connection& connection, const HttpRequest& request);
  int expect_body(Connection& connection, const HttpRequest& request);
  int log_in(Connection& connection, const HttpRequest& request);
  int log_out(Connection& connection);
  std::optional<HttpAnswer> stray(const Connection& connection, const HttpRequest& request);
  std::optional<HttpAnswer> told_at_once(const Connection& connection, const HttpRequest& request);
  HttpAnswer health(const Connection& connection, const HttpRequest& request);
  HttpAnswer thing(const Connection& connection, const HttpRequest& request);
  Result<std::string_view> thing_of(const Connection& connection, const HttpRequest& request);
  void end_session(Connection& connection);

  Loop& loop_;
  session::Door& door_;
  ConnectionTable table_;
  Admission admission_;
  RecordBuffers records_;
  Listener listener_;
  Profile profile_;
  Site site_;
  lws_context* context_ = nullptr;
  lws_vhost* host_ = nullptr;
  bool tls_ = false;
  bool client_certificates_ = false;
  int pongs_left_ = 0;                   ///< of the bytes being read
  const Connection* reading_ = nullptr;  ///< whose these are
  bool owed_ = false;                    ///< its session has something to say to them
  std::uint16_t close_s_ = 5;
  std::uint16_t header_bytes_max_ = 4096;
  Duration handshake_within_{};
  Instant look_at_{};
  std::uint32_t held_ = 0;     ///< connections that wait until they may shake hands
  std::uint32_t dropped_ = 0;  ///< connections that are to end
  std::uint64_t strays_ = 0;
  std::span<unsigned char> lent_{};  ///< by the loop for the frames being laid; empty: they lie in `scratch_`
  std::optional<Principal> certified_;  ///< of the request being answered, never across two
  std::array<std::array<char, 32>, kDialectsMax> dialect_names_{};
  alignas(
      16) std::array<unsigned char, 4096 + 32> scratch_{};  ///< what is being written, never across two calls
};

}  // namespace signalbox::link
