#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "machine/machine.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"
#include "sim/hal/store.hpp"
#include "tests/firmware/session/bench_memory.hpp"
#include "tests/firmware/session/message.hpp"

namespace signalbox::session {

/// The other end of one session.
struct Client {
  ConnectionId id = 0;
  Handle session;
  bool reads = true;    ///< takes what is sent
  bool wanted = false;  ///< its session has something to send
  bool paused = false;  ///< it is not read
  bool dropped = false;
  int pings = 0;
  std::optional<std::uint16_t> close_code;
  std::vector<Message> messages;
  std::string partial;

  /// The types of all answers to that request, in order: `progress ack`.
  std::string answers(std::string_view msg_id) const {
    std::vector<Message> found;
    for (const Message& message : messages)
      if (message.at("replyTo") == '"' + std::string{msg_id} + '"') found.push_back(message);
    return types_of(found);
  }
  /// The last answer to that request.
  Message last(std::string_view msg_id) const {
    Message found;
    for (const Message& message : messages)
      if (message.at("replyTo") == '"' + std::string{msg_id} + '"') found = message;
    return found;
  }
  std::string reason(std::string_view msg_id) const { return last(msg_id).at("payload.reason"); }
  std::string outcome(std::string_view msg_id) const { return last(msg_id).at("payload.outcome"); }
  std::size_t count(std::string_view type) const {
    std::size_t count = 0;
    for (const Message& message : messages) count += message.type() == type ? 1 : 0;
    return count;
  }
};

/// How fast clients may be; not limited where nothing is said.
struct Rates {
  std::uint32_t requests_per_s = 0;
  std::uint32_t bytes_per_s = 0;
  std::uint32_t failed_logins = 0;
};

/// The whole machine on simulated hardware and a stepped clock, with clients at its door.
class Bench : private Wire {
 public:
  static constexpr std::string_view kFile = R"({"device":{"id":"bench"},"parts":[
    {"kind":"tmp102","bus":1,"periodMs":100,"channels":{"temperature":
        {"path":"cabin/temperature","range":[-40,85],"staleMs":5000}}},
    {"kind":"relay","line":"heater","periodMs":500,"channels":{"state":{"path":"cabin/heater",
        "initial":false,"safe":false,"deadlineMs":400,"feedback":{"channel":"cabin/contact","verifyMs":300}}}},
    {"kind":"digitalInput","line":"heater-sense","periodMs":50,"channels":{"state":{"path":"cabin/contact"}}},
    {"kind":"pwmFan","output":"fan","channels":{"duty":
        {"path":"cabin/fan","range":[0,100],"initial":20,"safe":80,"deadlineMs":400}}},
    {"kind":"analogLevel","input":"tank","periodMs":50,"channels":{"level":
        {"path":"tank/level","range":[0,100],"calibration":{"scale":20}}}},
    {"kind":"digitalInput","line":"door","channels":{"state":{"path":"cabin/door"}}},
    {"kind":"hostLoad","channels":{"load":{"path":"host/load"}}}]})";

  /// `disk`: what the journal keeps; `past`: what the history does, a piece each minute.
  explicit Bench(const Budget& budget = kTinyBudget, std::string_view file = kFile,
                 hal::AppendLog* disk = nullptr, const Rates& rates = {}, hal::AppendLog* past = nullptr)
      : memory_{budget},
        machine{memory_.spans(),
                platform,
                tokens_,
                {.sessions = budget.sessions_max,
                 .message_bytes = budget.message_bytes_max,
                 .subscriptions = budget.subscriptions_per_session_max,
                 .commands_in_flight = budget.commands_per_session_max,
                 .authenticate_ms = 1000,
                 .heartbeat_ms = 2000,
                 .dead_after_ms = 5000,
                 .unread_after_ms = 3000,
                 .requests_per_s = rates.requests_per_s,
                 .bytes_per_s = rates.bytes_per_s,
                 .failed_logins = rates.failed_logins},
                "e7f3"} {
    EXPECT_TRUE(tokens_.open(store, entropy_).has_value());
    machine.connect(*this);
    const auto mistake = device::read_device_file(file, drivers::catalogue(), machine.roster());
    EXPECT_FALSE(mistake.has_value()) << mistake->text().view();
    if (disk != nullptr) {
      EXPECT_TRUE(machine.keep_journal(*disk, clock_.wall()).has_value());
    }
    if (past != nullptr) machine.keep_history(*past, {from_ms(60'000), {}}, now());
    EXPECT_TRUE(machine.start(now()).has_value());
    pass(from_ms(20));
  }

  Instant now() { return clock_.now(); }
  sim::Clock& clock() { return clock_; }
  /// An administrator's, which outlives every test.
  std::string_view token() {
    if (token_.empty()) token_ = issue("owner", "read:# control:# admin");
    return token_;
  }
  /// One of that scope, as somebody who may do everything would give it out.
  std::string issue(std::string_view name, std::string_view scope,
                    std::int64_t lifetime_s = trust::Tokens::kLifetimeMax_s) {
    while (tokens_.is_saving()) pass(from_ms(1));
    const auto issued = tokens_.issue(Principal{"bench", Scope{Role::admin}}, name, *Scope::parse(scope),
                                      lifetime_s, {machine.roster().id, clock_.wall()});
    EXPECT_TRUE(issued.has_value());
    return issued ? std::string{issued->token} : std::string{};
  }
  trust::Tokens& tokens() { return tokens_; }
  /// Takes the tokens of these issuers as well, as after a restart.
  void believe(std::string_view key_set) {
    EXPECT_TRUE(tokens_.open(store, entropy_, {.issuers = key_set}).has_value());
  }
  /// Lets time pass, stepping the machine whenever it is due.
  void pass(Duration time) {
    const Instant until = now() + time;
    for (int steps = 0;; ++steps) {
      EXPECT_LT(steps, 100'000) << "it does not come to rest";
      const Instant next = machine.step(now(), clock_.wall());
      pump();
      if (next > until || steps >= 100'000) break;
      clock_.advance_to(next);
    }
    clock_.advance_to(until);
    machine.step(now(), clock_.wall());
    pump();
  }

  /// A handshake; nullptr where it was refused, see `refusal`.
  Client* arrive(std::string_view bearer = {}, std::string_view dialect = "signalbox.v1",
                 std::string_view ticket = {}, const Principal* certified = nullptr,
                 std::string_view operation = {}) {
    machine.door().life().arrive();
    machine.door().life().step(Phase::tcp, Phase::tls);
    const Result<Handle> admitted = machine.door().admit(
        {next_connection_, {"192.0.2.7", 0, bearer, certified}, dialect, ticket, operation}, now());
    if (!admitted) {
      refusal = admitted.error();
      return nullptr;
    }
    Client& client = clients_[next_connection_];
    client.id = next_connection_++;
    client.session = *admitted;
    return &client;
  }
  void open(Client& client) {
    machine.door().opened(client.session, now());
    pump();
  }
  /// A request of HTTP that a session answers, with its query and body; nullptr where it was not let in.
  Client* ask(std::string_view bearer, std::string_view operation, std::string_view dialect,
              std::string_view rest = "\n") {
    Client* client = arrive(bearer, dialect, {}, nullptr, operation);
    if (client == nullptr) return nullptr;
    open(*client);
    send(*client, std::string{operation} + "\n" + std::string{rest});
    return client;
  }
  /// A client that showed its token at the handshake.
  Client& join(std::string_view dialect = "signalbox.v1") { return join_with(token(), dialect); }
  Client& join_with(std::string_view bearer, std::string_view dialect = "signalbox.v1") {
    Client* client = arrive(bearer, dialect);
    EXPECT_NE(client, nullptr);
    open(*client);
    return *client;
  }
  /// Sends a whole message; false where the machine asks not to be sent more.
  bool send(Client& client, std::string_view text) { return send_part(client, text, true, true); }
  bool send_part(Client& client, std::string_view part, bool first, bool last) {
    client.paused = machine.door().received(client.session, part, first, last, now()) == Reading::pause;
    return !client.paused;
  }
  bool command(Client& client, std::string_view msg_id, std::string_view payload) {
    return send(client, R"({"type":"command","msgId":")" + std::string{msg_id} + R"(","payload":{)" +
                            std::string{payload} + "}}");
  }
  bool heat(Client& client, std::string_view msg_id, bool on, std::string_view more = "") {
    return command(
        client, msg_id,
        R"("channel":"cabin/heater","value":)" + std::string{on ? "true" : "false"} + std::string{more});
  }
  void leave(Client& client) {
    machine.door().closed(client.session, now());
    client.session = {};
  }
  /// Hands the sockets what waits for them, and carries out what was asked of them.
  void pump() {
    for (auto& [id, client] : clients_) {
      if (client.dropped && client.session) leave(client);
      for (bool more = client.reads && client.wanted; more && client.session; more = take(client)) {
      }
    }
  }
  /// Hands a socket one piece; whether there is more.
  bool take(Client& client) {
    client.wanted = false;
    const Outgoing next = machine.door().next(client.session, socket_, now());
    switch (next.kind) {
      case Outgoing::Kind::nothing: return false;
      case Outgoing::Kind::ping: ++client.pings; break;
      case Outgoing::Kind::text:
        EXPECT_EQ(next.first, client.partial.empty());
        client.partial.append(next.bytes.data(), next.bytes.size());
        if (next.last) client.messages.push_back({std::exchange(client.partial, {})});
        break;
      case Outgoing::Kind::close:
        client.close_code = next.close_code;
        leave(client);
        return false;
    }
    return next.more || !next.last;
  }
  std::uint64_t steps(Phase from, Phase to) { return machine.door().life().steps(from, to); }

 private:
  void do_want_write(ConnectionId connection) override { clients_.at(connection).wanted = true; }
  void do_resume_reading(ConnectionId connection) override { clients_.at(connection).paused = false; }
  void do_drop(ConnectionId connection) override { clients_.at(connection).dropped = true; }
  void do_hang_up(ConnectionId connection) override {
    do_drop(connection);
    leave(clients_.at(connection));
  }
  void do_claimed(ConnectionId connection, const Result<std::string_view>& token) override {
    claims[connection] = token ? std::string{*token} : std::string{wire_name(token.error().reason)};
  }

  sim::Clock clock_{Instant{from_ms(60'000)}};
  BenchMemory memory_;
  sim::Entropy entropy_{1};
  trust::Tokens tokens_;
  std::string token_;
  std::map<ConnectionId, Client> clients_;
  ConnectionId next_connection_ = 1;
  std::array<char, 2048> socket_{};

 public:
  sim::World world;
  sim::Faults faults;
  sim::Store store{faults};
  sim::Host host{clock_};
  sim::Platform platform{world, faults, host};
  machine::Machine machine;
  Error refusal;                               ///< of the last handshake that was refused
  std::map<ConnectionId, std::string> claims;  ///< what was told: a token, or the reason why not
};

}  // namespace signalbox::session
