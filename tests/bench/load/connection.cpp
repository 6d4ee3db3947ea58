#include "connection.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr std::array<char, 4> kMask{0x11, 0x52, 0x23, 0x74};
constexpr unsigned kText = 1;
constexpr unsigned kClose = 8;
constexpr unsigned kPing = 9;
constexpr unsigned kPong = 10;

std::string frame(unsigned opcode, std::string_view payload) {
  std::string out{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    out += {static_cast<char>(0x80 | 126), static_cast<char>(payload.size() >> 8),
            static_cast<char>(payload.size() & 0xFF)};
  } else {
    throw std::runtime_error("a message of more than 65,535 bytes");
  }
  out.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
  return out;
}

struct Frame {
  unsigned opcode;
  bool is_final;
  std::string_view payload;
  std::size_t bytes;  // with its head
};

/// The first frame of a server's bytes; none while some are missing.
std::optional<Frame> first_frame(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 2) return {};
  std::size_t head = 2;
  std::size_t size = at(1);
  if (size > 127) throw std::runtime_error("the server masks");
  if (size >= 126) {
    head = size == 126 ? 4 : 10;
    if (bytes.size() < head) return {};
    size = 0;
    for (std::size_t i = 2; i < head; ++i) size = size << 8 | at(i);
  }
  if (bytes.size() - head < size) return {};
  return Frame{at(0) & 0x0FU, (at(0) & 0x80U) != 0, bytes.substr(head, size), head + size};
}

std::runtime_error failure(std::string_view what) {
  std::string text{what};
  if (const auto code = ERR_get_error(); code != 0) {
    std::array<char, 256> words{};
    ERR_error_string_n(code, words.data(), words.size());
    text.append(": ").append(words.data());
  } else if (errno != 0) {
    text.append(": ").append(std::strerror(errno));
  }
  return std::runtime_error(text);
}

}  // namespace

std::string text_frame(std::string_view text) { return frame(kText, text); }

Connection::Connection(const Target& target, SSL_SESSION* session)
    : since{Clock::now()},
      target_{target},
      tls_{SSL_new(target.context)},
      fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  if (tls_ == nullptr || fd_ < 0) throw failure("no socket for another connection");
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL_set_fd(tls_, fd_);
  SSL_set_tlsext_host_name(tls_, "localhost");
  if (session != nullptr) {  // a copy, since OpenSSL uses one no more that a new ticket has replaced
    SSL_SESSION* own = SSL_SESSION_dup(session);
    SSL_set_session(tls_, own);
    SSL_SESSION_free(own);
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
  if (connect(fd_, address, sizeof target.address) != 0 || fcntl(fd_, F_SETFL, O_NONBLOCK) != 0)
    throw failure("cannot connect");
}

Connection::~Connection() {
  // A session whose connection was cut is not resumed by OpenSSL.
  SSL_set_shutdown(tls_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(tls_);
  close(fd_);
}

void Connection::shake_hands() {
  ERR_clear_error();
  errno = 0;
  const int done = SSL_connect(tls_);
  if (done != 1) {
    const int why = SSL_get_error(tls_, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) throw failure("no TLS");
    return;
  }
  if (target_.request.empty()) {
    phase_ = Phase::open;
  } else {
    send(target_.request);
    phase_ = Phase::upgrade;
  }
}

/// Reads once; whether anything came. One call of the kernel where the record fits the buffer.
bool Connection::fill() {
  std::array<char, 16384> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next call
  ERR_clear_error();
  errno = 0;
  const int got = SSL_read(tls_, bytes.data(), bytes.size());
  if (got > 0) {
    input_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
  }
  const int why = SSL_get_error(tls_, got);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return false;
  if (phase_ != Phase::leaving) throw failure("the server closed the connection");
  phase_ = Phase::over;
  return false;
}

void Connection::after_upgrade() {
  const auto end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return;
  if (input_.compare(0, 12, "HTTP/1.1 101") != 0)
    throw std::runtime_error("no WebSocket: " + input_.substr(0, input_.find('\r')));
  input_.erase(0, end + 4);
  if (!target_.hello.empty()) send(target_.hello);
  phase_ = target_.awaited.empty() ? Phase::open : Phase::awaiting;
}

void Connection::take_frames(const std::function<void(std::string_view)>& take) {
  std::size_t used = 0;
  while (const auto next = first_frame(std::string_view{input_}.substr(used))) {
    used += next->bytes;
    if (next->opcode == kPing) send(frame(kPong, next->payload));
    if (next->opcode == kClose && phase_ != Phase::leaving)
      throw std::runtime_error("the server closed: " +
                               std::string{next->payload.substr(next->payload.empty() ? 0 : 2)});
    if (next->opcode >= kClose || !next->is_final) continue;
    if (phase_ == Phase::open) {
      take(next->payload);
    } else if (phase_ == Phase::awaiting && next->payload.find(target_.awaited) != std::string_view::npos) {
      if (++came_ == target_.awaited_times) phase_ = Phase::open;
    }
  }
  input_.erase(0, used);
}

void Connection::advance(const std::function<void(std::string_view)>& take) {
  if (phase_ == Phase::tls) shake_hands();
  if (phase_ == Phase::tls || phase_ == Phase::over) return;
  // What lies in OpenSSL's own buffer makes no file descriptor readable.
  do {
    if (!fill()) return;
    if (phase_ == Phase::upgrade) after_upgrade();
    if (phase_ != Phase::upgrade) take_frames(take);
  } while (SSL_has_pending(tls_) == 1);
}

void Connection::send(std::string_view bytes) {
  ERR_clear_error();
  errno = 0;
  if (SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) != static_cast<int>(bytes.size()))
    throw failure("the server takes nothing");
}

void Connection::leave() {
  if (phase_ == Phase::open && !target_.request.empty()) send(frame(kClose, "\x03\xE8"));
  phase_ = Phase::leaving;
  SSL_shutdown(tls_);
}

}  // namespace bench
