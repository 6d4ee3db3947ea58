#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <string>
#include <string_view>

namespace bench {

using Clock = std::chrono::steady_clock;

/// What all connections of a load have in common. `request` is the HTTP request that opens the WebSocket,
/// empty where there is to be TLS only; after it `hello` is sent, whole frames, and `awaited` is a part of
/// the message that says the server is ready, which comes so many times. Both may be empty.
struct Target {
  sockaddr_in address{};
  SSL_CTX* context = nullptr;
  std::string request;
  std::string hello;
  std::string awaited;
  std::size_t awaited_times = 1;
};

/// A final text frame of a client (RFC 6455, section 5.2), masked with a key that never changes: what it
/// costs a server to take the mask off does not depend on the key.
std::string text_frame(std::string_view text);

/// One client's connection. It waits for nothing but the server's first packet, which the kernel sends at
/// once while the server's queue has room. What goes wrong is thrown as std::runtime_error.
class Connection {
 public:
  Connection(const Target& target, SSL_SESSION* session);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  bool is_open() const { return phase_ == Phase::open; }
  bool is_over() const { return phase_ == Phase::over; }
  bool was_resumed() const { return SSL_session_reused(tls_) == 1; }
  const SSL* tls() const { return tls_; }

  /// Goes as far as the network lets it. Hands over each message that came since it is open.
  void advance(const std::function<void(std::string_view)>& take);
  void send(std::string_view frame);
  /// Says goodbye; it is over when the server has closed as well.
  void leave();

  std::size_t place = 0;      ///< among the owner's connections
  Clock::time_point since{};  ///< when the message that is not answered yet was sent, or the connection begun
  bool is_waiting = false;    ///< for the answer to that message

 private:
  enum class Phase { tls, upgrade, awaiting, open, leaving, over };

  void shake_hands();
  void after_upgrade();
  bool fill();
  void take_frames(const std::function<void(std::string_view)>& take);

  const Target& target_;
  SSL* tls_;
  int fd_;
  Phase phase_ = Phase::tls;
  std::size_t came_ = 0;  // of what is awaited
  std::string input_;
};

}  // namespace bench
