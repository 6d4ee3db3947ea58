#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "options.hpp"

namespace bench {

/// All connections of a load, and what is measured over them.
class Load {
 public:
  explicit Load(Options options);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Opens what must stand, then does what the lines of the input say, until that ends.
  void serve();

 private:
  bool is_visits() const { return options_.kind == Kind::connect || options_.kind == Kind::handshake; }
  void open_all();
  void get_session();
  void run(double seconds, std::uint64_t messages_max);
  /// Waits for the network or the input, at most so long, and does what came.
  void turn(Clock::time_point until);
  void advance(Connection& connection);
  void take(Connection& connection, std::string_view message);
  void send_next(Connection& connection);
  void begin_visit();
  void go_on_with(Connection& connection);
  void read_input();
  void report(Clock::duration took, double cpu_s);

  Options options_;
  Target target_;
  SSL_SESSION* session_ = nullptr;
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::string> frames_;  // what is sent, where it is always the same
  std::deque<std::string> lines_;    // of the input, not done yet
  std::string input_;
  bool input_ended_ = false;
  bool is_verifying_ = true;

  // Of the run under way.
  bool is_running_ = false;
  std::uint64_t begun_ = 0;
  std::uint64_t messages_max_ = 0;
  std::size_t in_flight_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t resumed_ = 0;
  std::uint64_t done_ = 0;
  std::vector<std::uint32_t> latencies_ns_;
  std::uint64_t count_ = 0;  // of messages ever sent
};

}  // namespace bench
