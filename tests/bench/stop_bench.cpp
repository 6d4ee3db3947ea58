// How long a stop takes from the message to the output: on an idle device, and on one that is saturated with
// telemetry for readers that do not keep up and with commands that wait. Fails unless the write comes in the
// same turn. Virtual time drives the device, real time measures it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "machine/storage.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/store.hpp"
#include "sim/storm/bench.hpp"
#include "sim/storm/recorder.hpp"

namespace signalbox::sim::storm {
namespace {

constexpr std::size_t kSessions = 64;
constexpr WallTime kBegin{1'763'683'200'000};
constexpr Budget kBudget{.sessions_max = kSessions,
                         .subscriptions_per_session_max = 4,
                         .commands_per_session_max = 8,
                         .answers_per_session_max = 24,
                         .frames_per_session_max = 4,
                         .frames_max = 64,
                         .frame_bytes = 8192,
                         .inboxes_max = 8,
                         .message_bytes_max = 4096,
                         .commands_max = 512,
                         .subscription_groups_max = 64,
                         .events_max = 64,
                         .presence_max = 64,
                         .announcements_max = 16,
                         .log_lines_max = 64,
                         .remembered_answers_max = 64,
                         .journal_records_max = 64,
                         .channels_max = 8,
                         .history_per_channel_max = 64,
                         .parts_max = 8};

/// Sockets that take what they are given when they are asked to.
class Sockets final : public session::Wire {
 public:
  explicit Sockets(session::Door& door) : door_{door} {}

  void open(std::string_view token, Instant now) {
    door_.life().arrive();
    door_.life().step(session::Phase::tcp, session::Phase::tls);
    const auto id = static_cast<session::ConnectionId>(handles_.size());
    const Result<Handle> admitted = door_.admit({id, {"192.0.2.1", 0, token}, "signalbox.v1"}, now);
    SIGNALBOX_CHECK(admitted.has_value());
    handles_.push_back(*admitted);
    door_.opened(*admitted, now);
  }
  void send(std::size_t session, std::string_view text, Instant now) {
    door_.received(handles_[session], text, true, true, now);
  }
  /// The socket takes up to so many messages.
  void take(std::size_t session, std::size_t messages, Instant now) {
    door_.heard(handles_[session], now);
    for (std::size_t i = 0; i < messages; ++i)
      if (door_.next(handles_[session], buffer_, now).kind == session::Outgoing::Kind::nothing) return;
  }
  std::size_t count() const { return handles_.size(); }

 private:
  void do_want_write(session::ConnectionId) override {}
  void do_resume_reading(session::ConnectionId) override {}
  void do_drop(session::ConnectionId) override { std::abort(); }
  void do_hang_up(session::ConnectionId) override { std::abort(); }
  void do_claimed(session::ConnectionId, const Result<std::string_view>&) override { std::abort(); }

  session::Door& door_;
  std::vector<Handle> handles_;
  std::array<char, 4096> buffer_{};
};

/// One device, its hardware and its clients.
class Scene {
 public:
  Scene(trust::Tokens& tokens, std::string_view token, bool saturated)
      : saturated_{saturated},
        machine_{machine::Storage<kBudget>::machine(),
                 recorder_,
                 tokens,
                 {.sessions = kSessions,
                  .message_bytes = 4096,
                  .subscriptions = 4,
                  .commands_in_flight = 8,
                  .authenticate_ms = 60'000,
                  .heartbeat_ms = 60'000,
                  .dead_after_ms = 600'000,
                  .unread_after_ms = 600'000},
                 "bench"},
        sockets_{machine_.door()} {
    bench::declare(machine_.roster(), false);
    machine_.connect(sockets_);
    recorder_.watch(machine_.values());
    SIGNALBOX_CHECK(machine_.start(now_).has_value());
    step(from_ms(1));  // it is told the time of day, without which no token is good
    for (std::size_t i = 0; i < (saturated ? kSessions : 1); ++i) sockets_.open(token, now_);
    if (!saturated) return;
    for (std::size_t i = 0; i < kSessions; ++i)
      sockets_.send(
          i, R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["#"],"minPeriodMs":0}})", now_);
  }

  /// One stop; how long it took until the heater was told to be off, in nanoseconds.
  double stop() {
    prepare();
    const std::size_t before = recorder_.writes().size();
    const auto begin = std::chrono::steady_clock::now();
    sockets_.send(0, R"({"type":"stop","msgId":"stop"})", now_);
    unsigned turns = 0;
    while (!is_off(before) && turns < 100) {
      ++turns;
      step(from_ms(1));
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    worst_turns_ = std::max(worst_turns_, turns);
    return took.count();
  }
  unsigned worst_turns() const { return worst_turns_; }

 private:
  void step(Duration by) {
    now_ += by;
    host_clock_.advance_to(now_);
    machine_.step(now_, {kBegin.unix_ms + to_ms(now_.time_since_epoch())});
  }
  bool is_off(std::size_t before) const {
    const auto& writes = recorder_.writes();
    return std::any_of(
        writes.begin() + static_cast<std::ptrdiff_t>(before), writes.end(),
        [](const Write& write) { return write.output == Output::heater && write.level < 0.5; });
  }
  /// The heater on; where saturated, everybody's commands waiting and telemetry due to everybody.
  void prepare() {
    sockets_.send(0, R"({"type":"reset","msgId":"r"})", now_);
    sockets_.send(0, R"({"type":"command","msgId":"on","payload":{"channel":"cabin/heater","value":true}})",
                  now_);
    for (int i = 0; i < 40; ++i) step(from_ms(5));
    for (std::size_t i = 0; i < sockets_.count(); ++i) sockets_.take(i, i % 8 == 0 ? 30 : 12, now_);
    for (std::size_t i = 0; saturated_ && i < kSessions; ++i)
      for (int command = 0; command < 7; ++command)
        sockets_.send(
            i, R"({"type":"command","msgId":"c","payload":{"channel":"cabin/heater","value":true}})", now_);
  }

  bool saturated_;
  World world_;
  Faults faults_;
  Clock host_clock_{Instant{from_ms(1000)}};
  Host host_{host_clock_};
  Instant now_{from_ms(1000)};
  sim::Platform platform_{world_, faults_, host_};
  Recorder recorder_{platform_};
  machine::Machine machine_;
  Sockets sockets_;
  unsigned worst_turns_ = 0;
};

double quantile(std::vector<double>& values, double part) {
  const auto place = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

/// Lives one device through; true where every stop was carried out in its own turn.
bool measure(trust::Tokens& tokens, std::string_view token, bool saturated, std::size_t stops,
             std::array<double, 2>& out) {
  Scene scene{tokens, token, saturated};
  std::vector<double> times;
  for (std::size_t i = 0; i < stops; ++i) times.push_back(scene.stop());
  out = {quantile(times, 0.5), quantile(times, 0.999)};
  std::printf("stop to output off, %-42s p50 %8.1f us   p99.9 %8.1f us   turns of the loop %u\n",
              saturated ? "64 sessions, 448 commands, telemetry to all" : "idle", out[0] / 1000,
              out[1] / 1000, scene.worst_turns() + 1);
  return scene.worst_turns() == 0;
}

}  // namespace
}  // namespace signalbox::sim::storm

int main(int count, char** arguments) {
  using namespace signalbox;
  const std::size_t stops = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2000;
  set_log_sink([](Severity, std::string_view) {});
  sim::Faults no_faults;
  sim::Store store{no_faults};
  sim::Entropy entropy{1};
  trust::Tokens tokens;
  if (stops == 0 || !tokens.open(store, entropy)) return 2;
  const Scope all{Role::admin};
  const auto issued = tokens.issue(Principal{"bench", all}, "bench", all, trust::Tokens::kLifetimeMax_s,
                                   {"storm", sim::storm::kBegin});
  if (!issued) return 2;
  const std::string token{issued->token};
  std::array<double, 2> idle{};
  std::array<double, 2> busy{};
  const bool idle_at_once = sim::storm::measure(tokens, token, false, stops, idle);
  const bool busy_at_once = sim::storm::measure(tokens, token, true, stops, busy);
  std::printf("ratio, saturated to idle %49s p50 %8.2f      p99.9 %8.2f\n", "", busy[0] / idle[0],
              busy[1] / idle[1]);
  return idle_at_once && busy_at_once ? 0 : 1;
}
