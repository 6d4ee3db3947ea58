#include "load.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <openssl/err.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace bench {
namespace {

constexpr auto kPatience =
    std::chrono::seconds{60};               // for what should take moments; servers may run under valgrind
constexpr std::size_t kOpeningAtOnce = 16;  // fewer than any server's queue holds
constexpr std::uint64_t kAny = ~0ULL;       // of messages: as many as there is time for
constexpr const char* kNoAnswer = "an answer did not come within 60 s";
constexpr std::string_view kCounter = "########";

SSL_SESSION*& kept_session() {
  static SSL_SESSION* session = nullptr;
  return session;
}

SSL_CTX* make_context(const std::string& trust, bool tls12) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  // As browsers have it, so that a server that follows its client takes what it would take there.
  SSL_CTX_set_ciphersuites(context,
                           "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_cipher_list(context,
                          "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                          "ECDHE-ECDSA-CHACHA20-POLY1305");  // of TLS 1.2
  SSL_CTX_set1_groups_list(context, "X25519:P-256");
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, [](SSL*, SSL_SESSION* session) {
    SSL_SESSION_free(std::exchange(kept_session(), session));
    return 1;
  });
  if (!trust.empty() && SSL_CTX_load_verify_locations(context, trust.c_str(), nullptr) != 1)
    throw std::runtime_error("--trust " + trust + ": must be a file of certificates (PEM)");
  SSL_CTX_set_verify(context, trust.empty() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return context;
}

std::string request(const Options& options) {
  if (options.kind == Kind::handshake) return {};
  std::string text = "GET " + options.path + " HTTP/1.1\r\nHost: localhost:" + std::to_string(options.port) +
                     "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: c2FtZSBrZXkgZWFjaCB0aQ==\r\n";
  if (!options.headers.empty()) {
    std::ifstream file{options.headers};
    if (!file) throw std::runtime_error("--headers " + options.headers + ": must be a file");
    for (std::string line; std::getline(file, line);) text += line + "\r\n";
  }
  return text + "\r\n";
}

double own_cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double quantile_us(const std::vector<std::uint32_t>& sorted_ns, double part) {
  if (sorted_ns.empty()) return 0;
  return 1e-3 * sorted_ns[static_cast<std::size_t>(part * static_cast<double>(sorted_ns.size() - 1))];
}

}  // namespace

Load::Load(Options options) : options_{std::move(options)}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
  target_.context = make_context(options_.trust, options_.tls12);
  is_verifying_ = !options_.trust.empty();
  target_.address.sin_family = AF_INET;
  target_.address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  target_.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  target_.request = request(options_);
  target_.awaited = options_.awaited;
  if (!options_.hello.empty()) target_.hello = text_frame(options_.hello);
  for (const auto& message : options_.messages) frames_.push_back(text_frame(message));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
}

Load::~Load() {
  connections_.clear();
  SSL_SESSION_free(session_);
  SSL_CTX_free(target_.context);
  close(epoll_);
}

void Load::serve() {
  open_all();
  const SSL* tls = connections_.front()->tls();
  const int group = static_cast<int>(SSL_get_negotiated_group(const_cast<SSL*>(tls)));
  std::printf("ready %s %s\n", SSL_get_cipher_name(tls), group == NID_undef ? "-" : OBJ_nid2sn(group));
  std::fflush(stdout);
  if (is_visits()) connections_.clear();
  while (true) {
    while (lines_.empty() && !input_ended_) turn(Clock::now() + kPatience);
    if (lines_.empty()) return;
    const std::string line = std::exchange(lines_.front(), {});
    lines_.pop_front();
    double seconds = 0;
    unsigned long long most = 0;
    const int got = std::sscanf(line.c_str(), "run %lf %llu", &seconds, &most);
    if (got < 1 || seconds <= 0)
      throw std::runtime_error("'" + line + "': must be: run SECONDS [COUNT], more than 0 seconds");
    run(seconds, got == 2 ? most : kAny);
  }
}

void Load::begin_visit() {
  auto& connection = connections_.emplace_back(std::make_unique<Connection>(target_, session_));
  connection->place = connections_.size() - 1;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = connection.get();
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd(), &event);
  advance(*connection);
}

/// The first connection is held against the certificate; the later ones are not, which would cost the load
/// and show nothing.
void Load::open_all() {
  const auto late = Clock::now() + kPatience;
  const std::size_t wanted = is_visits() ? 1 : options_.connections;
  const auto is_open = [](const auto& connection) { return connection->is_open(); };
  std::size_t open = 0;
  while (open < wanted) {
    const std::size_t at_once = open == 0 ? 1 : kOpeningAtOnce;
    while (connections_.size() < std::min(wanted, open + at_once)) begin_visit();
    turn(late);
    if (Clock::now() > late)
      throw std::runtime_error("only " + std::to_string(open) + " of " + std::to_string(wanted) +
                               " connections stand after 60 s");
    open = static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), is_open));
    if (open > 0) SSL_CTX_set_verify(target_.context, SSL_VERIFY_NONE, nullptr);
  }
  if (options_.resume) get_session();
}

void Load::get_session() {
  const auto late = Clock::now() + std::chrono::seconds{5};
  while (kept_session() == nullptr && Clock::now() < late) turn(late);
  if (kept_session() == nullptr)
    throw std::runtime_error("the server gives no ticket to resume a session with");
  session_ = std::exchange(kept_session(), nullptr);
}

void Load::run(double seconds, std::uint64_t messages_max) {
  begun_ = done_ = bytes_ = resumed_ = 0;
  latencies_ns_.clear();
  messages_max_ = messages_max;
  is_running_ = true;
  const double cpu_before = own_cpu_s();
  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
  if (options_.kind == Kind::echo)
    for (const auto& connection : connections_) send_next(*connection);
  if (is_visits())
    while (in_flight_ < options_.connections && begun_ < messages_max_) {
      ++begun_, ++in_flight_;
      begin_visit();
    }
  while (Clock::now() < end) turn(end);
  for (auto answered = Clock::now(); messages_max_ != kAny && done_ < messages_max_;) {
    const std::uint64_t before = done_;
    turn(Clock::now() + kPatience);
    if (done_ > before) answered = Clock::now();
    if (Clock::now() > answered + kPatience) throw std::runtime_error(kNoAnswer);
  }
  is_running_ = false;
  const auto late = Clock::now() + kPatience;
  while (in_flight_ > 0) {
    turn(late);
    if (Clock::now() > late) throw std::runtime_error(kNoAnswer);
  }
  report(Clock::now() - start, own_cpu_s() - cpu_before);
}

void Load::turn(Clock::time_point until) {
  std::array<epoll_event, 64> events{};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  const int wait_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000));
  const int count = epoll_wait(epoll_, events.data(), events.size(), wait_ms);
  for (int i = 0; i < count; ++i) {
    if (auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr)) {
      advance(*connection);
    } else {
      read_input();
    }
  }
}

void Load::advance(Connection& connection) {
  connection.advance([&](std::string_view message) { take(connection, message); });
  if (!is_visits()) return;
  // A session to resume comes with the first answer or after it; the connection that fetches it stays until
  // then.
  if (connection.is_open() && in_flight_ > 0) connection.leave();
  if (connection.is_over()) go_on_with(connection);
}

void Load::take(Connection& connection, std::string_view message) {
  if (options_.kind == Kind::listen && is_running_) {
    ++done_;
    bytes_ += message.size();
  }
  if (options_.kind != Kind::echo || !connection.is_waiting ||
      message.find(options_.answer) == std::string_view::npos)
    return;
  latencies_ns_.push_back(static_cast<std::uint32_t>((Clock::now() - connection.since).count()));
  connection.is_waiting = false;
  --in_flight_;
  ++done_;
  bytes_ += message.size();
  if (is_running_) send_next(connection);
}

void Load::send_next(Connection& connection) {
  if (begun_ >= messages_max_) return;
  const std::size_t turn = count_++ % frames_.size();
  ++begun_, ++in_flight_;
  connection.is_waiting = true;
  connection.since = Clock::now();
  const auto counter = options_.messages[turn].find(kCounter);
  if (counter == std::string::npos) {
    connection.send(frames_[turn]);
  } else {
    std::string digits = std::to_string(100'000'000 + count_).substr(1);
    connection.send(
        text_frame(std::string{options_.messages[turn]}.replace(counter, kCounter.size(), digits)));
  }
}

/// A visit has ended; the next takes its place.
void Load::go_on_with(Connection& connection) {
  latencies_ns_.push_back(static_cast<std::uint32_t>((Clock::now() - connection.since).count()));
  resumed_ += connection.was_resumed() ? 1 : 0;
  ++done_;
  --in_flight_;
  const std::size_t place = connection.place;
  if (place + 1 != connections_.size()) {
    std::swap(connections_[place], connections_.back());
    connections_[place]->place = place;
  }
  connections_.pop_back();
  if (is_running_ && begun_ < messages_max_) {
    ++begun_, ++in_flight_;
    begin_visit();
  }
}

void Load::read_input() {
  std::array<char, 4096> bytes{};
  const auto got = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (got <= 0) {
    input_ended_ = true;
    epoll_ctl(epoll_, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
    return;
  }
  input_.append(bytes.data(), static_cast<std::size_t>(got));
  for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
    lines_.push_back(input_.substr(0, end));
    input_.erase(0, end + 1);
  }
}

void Load::report(Clock::duration took, double cpu_s) {
  std::sort(latencies_ns_.begin(), latencies_ns_.end());
  std::printf(
      "{\"seconds\": %.6f, \"count\": %llu, \"bytes\": %llu, \"resumed\": %llu, \"cpu_s\": %.6f, "
      "\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}\n",
      std::chrono::duration<double>{took}.count(), static_cast<unsigned long long>(done_),
      static_cast<unsigned long long>(bytes_), static_cast<unsigned long long>(resumed_), cpu_s,
      quantile_us(latencies_ns_, 0.5), quantile_us(latencies_ns_, 0.99), quantile_us(latencies_ns_, 0.999));
  std::fflush(stdout);
}

}  // namespace bench
