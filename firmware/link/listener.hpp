#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <sys/socket.h>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "link/loop.hpp"

namespace signalbox::link {

/// Where a connection comes from.
struct Peer {
  std::array<std::uint8_t, 16> address{};  ///< IPv6, or IPv4 mapped into it
  FixedText<45> text;                      ///< such as `192.0.2.7` or `2001:db8::7`

  /// Those who cannot be told apart: an IPv4 address, a /64 of IPv6. So all on the link itself (fe80::/64)
  /// are one: whoever is there gives themselves as many of its addresses as they like.
  std::uint64_t network() const;
};

/// The address at our end of a connection, as text; empty where there is none.
FixedText<45> own_address(int fd);

/// How connections are watched for life by the kernel.
struct KeepAlive {
  std::uint32_t idle_s = 30;              ///< silence before the first probe
  std::uint32_t interval_s = 10;          ///< between probes
  std::uint32_t probes = 3;               ///< unanswered, and the peer is dead
  std::uint32_t user_timeout_ms = 60000;  ///< sent data unacknowledged for so long: dead (TCP_USER_TIMEOUT)
};

/// Who takes a listener's connections.
class Acceptor {
 public:
  /// The descriptor is the acceptor's from here on. False: no room for a further one; accepting pauses.
  bool accepted(int fd, const Peer& peer) { return do_accepted(fd, peer); }

 protected:
  ~Acceptor() = default;

 private:
  virtual bool do_accepted(int fd, const Peer& peer) = 0;
};

/// One listening TCP socket, bound to exactly the address asked for.
class Listener final : private Watcher {
 public:
  static constexpr int kBacklog = 1024;
  static constexpr int kAcceptsPerPass = 4;  ///< a flood of them holds up nobody's pass

  Listener(Loop& loop, Acceptor& acceptor) : loop_{loop}, acceptor_{acceptor} {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(); }

  /// Listens on a numeric `address`: IPv4, IPv6 (`fe80::1%eth0` with its zone), or `*` for all of both. Port
  /// 0 takes a free one. Errors: `malformed` address, `busy` port, `not_found` where no interface has the
  /// address.
  Result<void> open(std::string_view address, std::uint16_t port, const KeepAlive& keep_alive);
  void close();

  /// The port in use; 0 before `open`.
  std::uint16_t port() const { return port_; }
  /// Stops accepting; clients wait in the kernel's queue.
  void pause(bool paused);
  /// Whether somebody does.
  bool is_waited_for() const;
  /// Connections that were closed since the process had no descriptor left.
  std::uint64_t shed() const { return shed_; }

 private:
  void do_ready(int fd) override;
  bool accept_one();
  void shed_one();

  Loop& loop_;
  Acceptor& acceptor_;
  int fd_ = -1;
  int reserve_ = -1;  ///< given up for a moment where the process has no descriptors left
  std::uint16_t port_ = 0;
  bool paused_ = false;
  std::uint64_t shed_ = 0;
};

}  // namespace signalbox::link
