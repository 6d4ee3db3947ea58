#include "link/listener.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <bit>
#include <cerrno>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace signalbox::link {
namespace {

/// What the kernel may hold unsent for one connection before it takes no more from us. Its own limit is some
/// megabytes: a slow reader's telemetry would grow old in there instead of folding here, and reading a third
/// of that would count as reading nothing for a long time.
constexpr int kUnsentBytesMax = 16 * 1024;

/// What an IPv4 address mapped into IPv6 begins with (RFC 4291 section 2.5.5.2).
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
  bool both_families = false;
};

Error bad_address(std::string_view address) {
  return {.reason = Reason::malformed,
          .detail = format_text<95>("'%.*s' is no numeric IPv4 or IPv6 address, nor * for all",
                                    static_cast<int>(address.size()), address.data())};
}

Place everywhere(std::uint16_t port, bool ipv6) {
  Place place{.both_families = ipv6};
  if (ipv6) {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(place.address);
    in6 = {.sin6_family = AF_INET6,
           .sin6_port = htons(port),
           .sin6_flowinfo = 0,
           .sin6_addr = in6addr_any,
           .sin6_scope_id = 0};
    place.size = sizeof in6;
  } else {
    auto& in4 = reinterpret_cast<sockaddr_in&>(place.address);
    in4.sin_family = AF_INET;
    in4.sin_port = htons(port);
    place.size = sizeof in4;
  }
  return place;
}

Result<Place> place_of(std::string_view address, std::uint16_t port) {
  if (address == "*") return everywhere(port, true);
  const std::size_t percent = address.find('%');
  const FixedText<INET6_ADDRSTRLEN> host{address.substr(0, percent)};
  std::array<char, INET6_ADDRSTRLEN + 1> text{};
  host.view().copy(text.data(), text.size() - 1);
  Place place;
  auto& in4 = reinterpret_cast<sockaddr_in&>(place.address);
  if (percent == std::string_view::npos && ::inet_pton(AF_INET, text.data(), &in4.sin_addr) == 1) {
    in4.sin_family = AF_INET;
    in4.sin_port = htons(port);
    place.size = sizeof in4;
    return place;
  }
  auto& in6 = reinterpret_cast<sockaddr_in6&>(place.address);
  if (::inet_pton(AF_INET6, text.data(), &in6.sin6_addr) != 1) return bad_address(address);
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(port);
  place.size = sizeof in6;
  if (percent == std::string_view::npos) return place;
  std::array<char, IF_NAMESIZE> zone{};
  address.substr(percent + 1).copy(zone.data(), zone.size() - 1);
  in6.sin6_scope_id = ::if_nametoindex(zone.data());
  if (in6.sin6_scope_id == 0)
    return Error{.reason = Reason::not_found,
                 .detail = format_text<95>("no interface is called '%s'", zone.data())};
  return place;
}

/// Connections inherit these from the socket that accepted them.
void set_options(int fd, const Place& place, const KeepAlive& keep_alive) {
  const auto set = [fd](int level, int name, int value) {
    (void)::setsockopt(fd, level, name, &value, sizeof value);  // an older kernel does without
  };
  set(SOL_SOCKET, SO_REUSEADDR, 1);
  if (place.address.ss_family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY, place.both_families ? 0 : 1);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytesMax);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(keep_alive.idle_s));
  set(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(keep_alive.interval_s));
  set(IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(keep_alive.probes));
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(keep_alive.user_timeout_ms));
}

Error bind_error(std::string_view address, std::uint16_t port) {
  const int shown = static_cast<int>(std::min<std::size_t>(address.size(), 45));
  switch (errno) {
    case EADDRINUSE:
      return {.reason = Reason::busy,
              .detail = format_text<95>("port %u on %.*s is in use", port, shown, address.data())};
    case EADDRNOTAVAIL:
      return {.reason = Reason::not_found,
              .detail = format_text<95>("no interface here has the address %.*s", shown, address.data())};
    case EACCES:
      return {.reason = Reason::forbidden,
              .detail = format_text<95>("port %u needs more rights than this process has", port)};
    default:
      return {.reason = Reason::internal,
              .detail = format_text<95>("cannot listen on %.*s port %u: %s", shown, address.data(), port,
                                        std::strerror(errno))};
  }
}

Peer peer_of(const sockaddr_storage& from) {
  Peer peer;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from.ss_family == AF_INET) {
    const auto& in4 = reinterpret_cast<const sockaddr_in&>(from);
    peer.address[10] = peer.address[11] = 0xFF;
    std::memcpy(&peer.address[12], &in4.sin_addr, 4);
  } else {
    std::memcpy(peer.address.data(), &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, 16);
  }
  if (std::memcmp(peer.address.data(), kMapped.data(), kMapped.size()) == 0)
    ::inet_ntop(AF_INET, &peer.address[12], text.data(), text.size());
  else
    ::inet_ntop(AF_INET6, peer.address.data(), text.data(), text.size());
  peer.text = text.data();
  return peer;
}

}  // namespace

FixedText<45> own_address(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return {};
  return peer_of(own).text;
}

std::uint64_t Peer::network() const {
  const bool ipv4 = std::equal(kMapped.begin(), kMapped.end(), address.begin());
  std::array<std::uint8_t, sizeof(std::uint64_t)> key{};
  std::copy_n(address.begin() + (ipv4 ? key.size() : 0), key.size(), key.begin());
  if (ipv4) key[0] = key[1] = 0xFF;  // as multicast begins, which no peer's IPv6 address does
  return std::bit_cast<std::uint64_t>(key);
}

Result<void> Listener::open(std::string_view address, std::uint16_t port, const KeepAlive& keep_alive) {
  SIGNALBOX_CHECK(fd_ < 0);
  Result<Place> place = place_of(address, port);
  if (!place) return place.error();
  constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  fd_ = ::socket(place->address.ss_family, kType, 0);
  if (fd_ < 0 && place->both_families) {  // a kernel without IPv6
    place = everywhere(port, false);
    fd_ = ::socket(AF_INET, kType, 0);
  }
  if (fd_ < 0) return bind_error(address, port);
  set_options(fd_, *place, keep_alive);
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&place->address), place->size) != 0 ||
      ::listen(fd_, kBacklog) != 0) {
    const Error error = bind_error(address, port);
    ::close(std::exchange(fd_, -1));
    return error;
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = ntohs(bound.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(bound).sin_port
                                           : reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
  reserve_ = ::dup(fd_);
  const Result<void> watched = loop_.watch(fd_, *this);
  if (!watched) ::close(std::exchange(fd_, -1));
  loop_.defer(fd_, true);
  return watched;
}

void Listener::close() {
  if (fd_ < 0) return;
  loop_.unwatch(fd_);
  ::close(std::exchange(fd_, -1));
  if (reserve_ >= 0) ::close(std::exchange(reserve_, -1));
}

void Listener::pause(bool paused) {
  if (fd_ < 0 || paused == paused_) return;
  paused_ = paused;
  loop_.pause(fd_, paused);
}

bool Listener::is_waited_for() const {
  pollfd polled{.fd = fd_, .events = POLLIN, .revents = 0};
  return fd_ >= 0 && ::poll(&polled, 1, 0) == 1;
}

void Listener::do_ready(int /*fd*/) {
  for (int i = 0; i < kAcceptsPerPass && !paused_ && fd_ >= 0; ++i)
    if (!accept_one()) return;
}

bool Listener::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = ::accept4(fd_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    if (!acceptor_.accepted(fd, peer_of(from))) pause(true);
    return true;
  }
  if (errno == EMFILE || errno == ENFILE) {
    shed_one();
    return true;
  }
  return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
}

void Listener::shed_one() {
  // Left in the queue, the connection would wake us for ever: take it with the reserve and close it.
  if (reserve_ >= 0) ::close(std::exchange(reserve_, -1));
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    ++shed_;
  }
  reserve_ = ::dup(fd_);
}

}  // namespace signalbox::link
