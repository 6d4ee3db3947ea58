#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.hpp"
#include "machine/machine.hpp"
#include "sim/hal/append_log.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"
#include "sim/hal/store.hpp"
#include "sim/world.hpp"
#include "trust/tokens.hpp"

namespace signalbox::fuzz {

/// The whole machine on simulated hardware and a stepped clock, with a crowd of clients that do what the
/// fuzzer's bytes say. What must hold, whatever they do, stops the process where it does not.
class Crowd : private session::Wire {
 public:
  static constexpr std::int64_t kWall_ms = 1'763'683'200'000;

  explicit Crowd(Input& input);
  ~Crowd() = default;
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// One action of somebody.
  void act();
  /// Everybody reads, nobody speaks, what is broken works again: all that is owed comes; then the device
  /// stops.
  void end();

 private:
  struct Client {
    session::ConnectionId id = 0;
    Handle session{};
    const protocol::Dialect* dialect = nullptr;
    enum class State : std::uint8_t { away, shaking, open, closing } state = State::away;
    bool reads = true;
    bool wants_write = false;
    bool paused = false;
    bool mid_message = false;  ///< it has sent part of one
    bool in_pieces = false;
    bool closing = false;  ///< told to the device, or by it: nothing more is owed
    std::size_t after_pause = 0;
    std::string body{};   ///< by HTTP: what it has still to send
    std::string sent{};   ///< the message so far
    std::string heard{};  ///< likewise
    bool mid_text = false;
    std::string name{};   ///< of its session
    std::string token{};  ///< of its session
    bool is_by_http() const { return dialect != nullptr && !dialect->converses(); }
    std::map<std::string, int> owed{};     ///< how often each id was asked
    std::map<std::string, int> perhaps{};  ///< in pieces, which may find no room
    std::map<std::string, int> answered{};
  };

  void do_want_write(session::ConnectionId id) override;
  void do_resume_reading(session::ConnectionId id) override;
  void do_drop(session::ConnectionId id) override;
  void do_hang_up(session::ConnectionId id) override { hang_up(clients_[id]); }
  void do_claimed(session::ConnectionId, const Result<std::string_view>&) override {}

  /// The owner's.
  static std::string_view token();
  void connect(Client& client);
  void ask(Client& client);
  void call(Client& client, std::uint8_t how);
  void send_body(Client& client);
  static void hear_by_http(Client& client, std::string_view text);
  void say(Client& client, std::string_view text, bool first, bool last);
  void say_whole(Client& client, const std::string& text) { say(client, text, true, true); }
  void hang_up(Client& client);
  void pass(Duration time);
  void step();
  void pump();
  void write(Client& client);
  void hear(Client& client, std::string_view text);
  void reload();
  void break_something();
  void set_clock();
  void check_pools();
  void check_journal();
  void check_end();
  std::string expanded(const Client& client, std::string_view text) const;
  std::string made_up(const Client& client);
  /// As the client's dialect counts it; empty: none.
  std::string next_id();
  Client& some_client() { return clients_[input_.below(clients_.size())]; }
  WallTime wall() const { return {wall_ms_ + to_ms(now_.time_since_epoch())}; }

  Input& input_;
  Instant now_{};
  std::int64_t wall_ms_ = kWall_ms;
  sim::World world_;
  sim::Faults faults_;
  sim::Clock clock_;
  sim::Host host_{clock_};
  std::string disk_;
  sim::AppendLog log_{faults_, disk_};
  std::string past_;
  sim::AppendLog past_log_{faults_, past_, "history"};
  sim::Platform platform_{world_, faults_, host_};
  sim::Faults no_faults_;
  sim::Store store_{no_faults_};
  sim::Entropy entropy_{1};
  trust::Tokens tokens_;
  machine::Machine machine_;
  std::array<Client, 5> clients_;
  std::array<char, 700> buffer_{};
  unsigned said_ = 0;
  bool broke_outputs_ = false;
};

}  // namespace signalbox::fuzz
