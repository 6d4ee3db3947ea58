#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "link/frame_reader.hpp"
#include "link/listener.hpp"
#include "session/door.hpp"

struct lws;
struct mbedtls_ssl_context;

namespace signalbox::link {

/// What we know of one TCP connection from accept to close.
struct Connection {
  // First what each message needs: in one or two lines of the processor's cache.
  session::ConnectionId id = 0;        ///< generation in the upper half, place in the table in the lower
  int fd = -1;                         ///< of its socket
  lws* wsi = nullptr;                  ///< libwebsockets' side; nullptr while the place is free
  mbedtls_ssl_context* tls = nullptr;  ///< of an open socket
  Handle session{};                    ///< empty: not admitted, or given back already
  session::Phase phase = session::Phase::tcp;  ///< tcp, tls; upgrade stands for all that the door counts
  bool newcomer = true;                        ///< never had a session
  bool shaking = false;                        ///< its TLS handshake was begun
  bool stalled = false;                        ///< the handshake waits for its socket to take more
  bool held = false;                           ///< it waits until it may begin one

  bool opened = false;    ///< the socket is open: frames may be sent
  bool by_lws = true;     ///< what was written last went by libwebsockets, which may hold some of it still
  bool paused = false;    ///< the session wants to read no more for now
  bool dropped = false;   ///< nothing is sent or taken any more
  bool closing = false;   ///< our close frame is out, or theirs is to be answered
  bool answered = false;  ///< an HTTP answer was written
  // A request that a session answers, in one byte.
  std::uint8_t route : 4 = 0;    ///< see `session_route_of`; 0: none is
  bool by_1_1 : 1 = false;       ///< HTTP/1.1 was spoken
  bool head_only : 1 = false;    ///< it was HEAD
  bool begun : 1 = false;        ///< its session was opened, and told what it is about
  bool body_over : 1 = false;    ///< its body has come, or it has none
  bool claiming = false;         ///< its claim is under way; nothing else is heard
  std::uint16_t close_code = 0;  ///< the peer's, to be answered; 0: none came
  std::uint32_t header_bytes = 0;
  Instant since{};               ///< accepted, or shaken hands
  std::string_view rest{};       ///< of an HTTP answer: what is still to be sent, and stays where it is
  std::uint32_t late_bytes = 0;  ///< came after a close frame or a violation

  /// A pong that is owed; before there is a socket, the body of a request, which is no longer.
  bool pong_owed = false;
  std::uint8_t pong_size = 0;
  std::uint8_t body_size = 0;  ///< how long the body that is still coming will be; 0: none is
  std::array<unsigned char, FrameReader::kControlBytesMax> pong;
  Peer peer;

  /// Whether it is an open WebSocket.
  bool is_socket() const { return opened && route == 0; }

  /// Whether it is the newcomer that is waited for, and not we.
  bool is_slow_newcomer() const { return newcomer && !dropped && !held && !claiming; }

  /// Whether it cost us a handshake, or had to be put out, and asked nothing.
  bool is_fruitless() const { return newcomer && !answered && (shaking || dropped); }

  FrameReader reader;
  std::uint32_t next_free = 0;
};

}  // namespace signalbox::link
