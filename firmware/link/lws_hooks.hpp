#pragma once

#include <span>

#include "link/ws_server.hpp"

struct lws;
struct lws_protocols;

namespace signalbox::link {

/// Where libwebsockets calls us: its callback, and the few of its functions that are replaced when the
/// program is linked (`--wrap`, see firmware/link/link.cmake). Everything that knows its inner ways is in
/// this one place.
///
/// Replaced are: the reading of frames, because libwebsockets takes unmasked frames, drops pings and checks
/// pongs as text; its own HTTP error pages and silent hang-ups, so that every request gets our kind of
/// answer; the end of a TLS handshake gets a listener, and its steps wait for their turn; what TLS reads of a
/// socket is read ahead, and what it writes goes through the loop.
struct LwsHooks {
  static lws_protocols protocol(const char* name, std::uint16_t chunk_bytes);
  /// From now on connections are read and written by this loop, and libwebsockets' warnings go to our log, a
  /// few in each second.
  static void start(Loop& loop);

  static Connection* connection_of(lws* wsi);
  static WsServer& server_of(lws* wsi);
  /// The socket of what libwebsockets gave to mbedTLS for its input and output.
  static int descriptor_of(const void* bio);

  static int handshake(lws* wsi, const char* wanted);
  static int request(lws* wsi);
  static int body(lws* wsi, std::string_view part);
  static int body_end(lws* wsi);
  /// There is no memory for a request's head. Waiting for some would look like a dead server.
  static void no_room(lws* wsi);
  static void keep_eager(lws* wsi, unsigned char* bytes, std::size_t size);
  /// Whether nothing of its request was looked at yet.
  static bool is_first(lws* wsi);
  /// The request's first bytes, while they are looked at.
  static void begins(std::string_view beginning);
  /// Further `bytes` of a request's head were read; whether that failed.
  static void head(lws* wsi, std::uint32_t bytes, bool failed);
  static int bytes(lws* wsi, unsigned char** bytes, std::size_t size);
  /// Whether a step of its handshake may be done in this pass.
  static bool has_turn(lws* wsi);
  /// Its handshake waits for the socket to take more, or no longer does.
  static void stalled(lws* wsi, bool stalled);
  static void tls_done(lws* wsi);
  /// What TLS is given of a socket, as a number of bytes or an error of mbedTLS.
  static int read(int fd, std::span<unsigned char> into);
  /// The same of what the socket took.
  static int write(int fd, std::span<const unsigned char> bytes);
  static int open(lws* wsi);
  static int writable(lws* wsi);
  static void gone(lws* wsi);
};

}  // namespace signalbox::link
