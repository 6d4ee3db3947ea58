#include "session/clearance.hpp"

#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/firmware/protocol/every_message.hpp"
#include "tests/firmware/session/bench.hpp"
#include "tests/firmware/session/crowd.hpp"

namespace signalbox::session {
namespace {

/// The least that each operation takes, said once more and from outside: 0 nothing, 1 to be somebody, 2 to
/// read, 3 to move, 4 to administer.
const std::map<std::string, int, std::less<>> kLeast{{"authenticate", 0},
                                                     {"ping", 0},
                                                     {"whoami", 1},
                                                     {"refreshToken", 1},
                                                     {"ticket", 1},
                                                     {"resume", 1},
                                                     {"describe", 1},
                                                     {"presence", 1},
                                                     {"announce", 1},
                                                     {"join", 1},
                                                     {"leave", 1},
                                                     {"unsubscribe", 1},
                                                     {"subscribe", 2},
                                                     {"history", 2},
                                                     {"command", 3},
                                                     {"scene", 3},
                                                     {"renew", 3},
                                                     {"baton", 3},
                                                     {"acknowledge", 3},
                                                     {"stop", 3},
                                                     {"reset", 4},
                                                     {"reload", 4},
                                                     {"journal", 4},
                                                     {"log", 4},
                                                     {"issueToken", 4},
                                                     {"tokens", 4},
                                                     {"revokeToken", 4},
                                                     {"baton steal", 4},
                                                     {"GET /", 0},
                                                     {"GET /healthz", 0},
                                                     {"GET /v1/ws", 0},
                                                     {"POST /v1/claim", 0},
                                                     {"POST /v1/stop", 3},
                                                     {"GET /.well-known/wot", 2},
                                                     {"POST /v1/login", 1},
                                                     {"POST /v1/logout", 0},
                                                     {"GET /readyz", 0},
                                                     {"GET /metrics", 2},
                                                     {"GET /v1/snapshot", 2},
                                                     {"GET /v1/history", 2},
                                                     {"GET /v1/events", 2},
                                                     {"GET /v1/log", 4},
                                                     {"GET /v1/stream", 2},
                                                     {"POST /v1/command", 3}};

struct Somebody {
  const char* name;
  const char* scope;      ///< empty: nobody
  std::set<int> granted;  ///< of what `kLeast` says
};
const std::vector<Somebody> kRoles{{"nobody", "", {0}},
                                   {"viewer", "read:#", {0, 1, 2}},
                                   {"mover", "control:#", {0, 1, 3}},
                                   {"operator", "read:# control:#", {0, 1, 2, 3}},
                                   {"only an administrator", "admin", {0, 1, 4}},
                                   {"admin", "read:# control:# admin", {0, 1, 2, 3, 4}}};

TEST(Gate, EveryOperationOfTheCodeIsDeclaredAndNoOtherOne) {
  std::set<std::string, std::less<>> declared;
  for (const Operation& row : kOperations) {
    EXPECT_TRUE(declared.insert(std::string{row.name}).second) << row.name << " twice";
    EXPECT_NE(row.clearance, Clearance::never);
    ASSERT_TRUE(kLeast.contains(row.name)) << row.name << ": say here what it takes";
    EXPECT_EQ(static_cast<int>(row.clearance), kLeast.at(std::string{row.name})) << row.name;
  }
  for (const protocol::Asked& asked : protocol::every_request())
    EXPECT_TRUE(declared.contains(asked.type)) << asked.type;
  EXPECT_EQ(kOperations.size(), kLeast.size());
  EXPECT_EQ(clearance_for("reboot"), Clearance::never);
  EXPECT_EQ(clearance_for(""), Clearance::never);
  const Principal admin{"a", Scope{Role::admin}};
  EXPECT_EQ(permit(Clearance::never, &admin, {}).error().reason, Reason::forbidden)
      << "nobody may what is not declared";
}

TEST(Gate, WhoseTimeIsUpIsNobody) {
  const Principal admin{"a", Scope{Role::admin}, {}, {}, 1000};
  EXPECT_TRUE(permit(Clearance::administer, &admin, {999'999}));
  EXPECT_EQ(permit(Clearance::administer, &admin, {1'000'000}).error().reason, Reason::unauthenticated);
  EXPECT_EQ(permit(Clearance::credential, &admin, {1'000'000}).error().reason, Reason::unauthenticated);
  EXPECT_TRUE(permit(Clearance::nothing, &admin, {1'000'000}));
}

/// Roles × operations, each by a machine of its own, in both dialects.
class GateMatrixTest : public testing::Test {
 protected:
  static constexpr Budget kBudget = [] {
    Budget budget = kEventfulBudget;
    budget.message_bytes_max = 2048;
    return budget;
  }();
  struct Asked {
    std::string operation, type, payload;
  };
  static std::vector<Asked> operations() {
    std::vector<Asked> all;
    for (const protocol::Asked& asked : protocol::every_request())
      all.push_back(
          {std::string{asked.type}, std::string{asked.type},
           asked.type == "issueToken" ? R"({"name":"n","scope":"admin"})" : std::string{asked.payload}});
    all.push_back({"baton steal", "baton", R"({"group":"cabin","action":"steal"})"});
    return all;
  }
  /// What it is answered: a reason, or nothing where it went through.
  static std::string reason(Bench& bench, Client& client, bool jsonrpc, const Asked& asked) {
    const std::string text =
        jsonrpc
            ? R"({"jsonrpc":"2.0","id":"m","method":")" + asked.type + R"(","params":)" + asked.payload + "}"
            : R"({"type":")" + asked.type + R"(","msgId":"m","payload":)" + asked.payload + "}";
    client.messages.clear();
    bench.send(client, text);
    bench.pump();
    if (client.messages.empty()) return "";  // its answer comes later, so it went through
    const Message& told = client.messages.front();
    return told.at(jsonrpc ? "error.data.reason" : "payload.reason");
  }
};

TEST_F(GateMatrixTest, RolesMayWhatIsDeclaredAndNothingElse) {
  for (const bool jsonrpc : {false, true}) {
    for (const Somebody& role : kRoles) {
      for (const Asked& asked : operations()) {
        SCOPED_TRACE(std::string{role.name} + " asks " + asked.operation + (jsonrpc ? " by jsonrpc" : ""));
        Bench bench{kBudget};
        const std::string token = *role.scope != '\0' ? bench.issue("somebody", role.scope) : "";
        Client& client = bench.join_with(token, jsonrpc ? "jsonrpc" : "signalbox.v1");
        const std::string told = reason(bench, client, jsonrpc, asked);
        const int least = kLeast.at(asked.operation);
        const bool both = least == kLeast.at(asked.type) || role.granted.contains(kLeast.at(asked.type));
        if (least > 0 && token.empty()) {
          EXPECT_EQ(told, R"("unauthenticated")");
        } else if (!role.granted.contains(least) || !both) {
          EXPECT_EQ(told, R"("forbidden")");
        } else if (asked.operation != "authenticate" && asked.operation != "refreshToken" &&
                   asked.operation != "resume") {
          // Those are refused for what they show, and not to the role; see their own tests.
          EXPECT_TRUE(told != R"("unauthenticated")" && told != R"("forbidden")") << told;
        }
      }
    }
  }
}

TEST_F(GateMatrixTest, WhatIsWrongWithARequestIsToldToWhoMayAskForIt) {
  for (const bool jsonrpc : {false, true}) {
    for (const Somebody& role : kRoles) {
      Bench bench{kBudget};
      const std::string token = *role.scope != '\0' ? bench.issue("somebody", role.scope) : "";
      Client& client = bench.join_with(token, jsonrpc ? "jsonrpc" : "signalbox.v1");
      for (const protocol::Asked& asked : protocol::every_request()) {
        const std::string type{asked.type};
        if (type == "stop") continue;  // nothing is wrong with any
        SCOPED_TRACE(std::string{role.name} + " asks wrongly " + type + (jsonrpc ? " by jsonrpc" : ""));
        const char* expected = role.granted.contains(kLeast.at(type)) ? R"("malformed")" : R"("forbidden")";
        if (kLeast.at(type) > 0 && token.empty()) expected = R"("unauthenticated")";
        EXPECT_EQ(reason(bench, client, jsonrpc, {type, type, "[]"}), expected);
      }
      EXPECT_EQ(reason(bench, client, jsonrpc, {"dance", "dance", "{}"}),
                token.empty() ? R"("unauthenticated")" : R"("unknownType")");
    }
  }
}

TEST_F(GateMatrixTest, TheSameByHttp) {
  for (const Somebody& role : kRoles) {
    SCOPED_TRACE(role.name);
    Bench bench{kBudget};
    const std::string token = *role.scope != '\0' ? bench.issue("somebody", role.scope) : "";
    const Reason otherwise = token.empty() ? Reason::unauthenticated : Reason::forbidden;
    const auto stopped = bench.machine.door().stop({"192.0.2.7", 0, token}, bench.now());
    EXPECT_EQ(stopped.has_value(), role.granted.contains(3));
    if (!stopped) {
      EXPECT_EQ(stopped.error().reason, otherwise);
    }
    const auto thing = bench.machine.door().thing({"192.0.2.7", 0, token}, "wss://d/v1/ws", bench.now());
    EXPECT_EQ(bench.machine.door().log_in({"192.0.2.7", 0, token}, bench.now()).has_value(),
              role.granted.contains(1));
    const bool may_read = role.granted.contains(2);
    EXPECT_TRUE(may_read ? thing || thing.error().reason == Reason::too_big
                         : !thing && thing.error().reason == otherwise);
  }
}

/// Those that sessions answer: roles × routes × formats.
TEST_F(GateMatrixTest, TheSameByEveryRouteThatASessionAnswers) {
  struct Route {
    const char* operation;
    const char* dialect;
    const char* rest = "\n";
  };
  for (const Route& route : {Route{"GET /metrics", "http.metrics"}, Route{"GET /v1/snapshot", "http"},
                             Route{"GET /v1/history", "http", "from=1\nto=2\n\n"},
                             Route{"GET /v1/events", "http.events"}, Route{"GET /v1/log", "http.events"},
                             Route{"GET /v1/stream", "stream.flat"}, Route{"GET /v1/stream", "stream.long"},
                             Route{"GET /v1/stream", "stream.influx"}, Route{"POST /v1/command", "http", R"(
{"channel":"cabin/fan","value":40,"until":"accepted"})"}}) {
    for (const Somebody& role : kRoles) {
      SCOPED_TRACE(std::string{role.name} + " asks " + route.operation);
      Bench bench{kBudget};
      const std::string token = *role.scope != '\0' ? bench.issue("somebody", role.scope) : "";
      Client* client = bench.ask(token, route.operation, route.dialect, route.rest);
      ASSERT_EQ(client != nullptr, role.granted.contains(kLeast.at(route.operation)));
      if (client == nullptr) {
        EXPECT_EQ(bench.refusal.reason, token.empty() ? Reason::unauthenticated : Reason::forbidden);
      } else {
        EXPECT_FALSE(bench.machine.door().refusal(client->session).has_value());
        bench.pump();
        EXPECT_EQ(client->messages.size(), 1U);
      }
    }
  }
}

TEST_F(GateMatrixTest, ARouteThatIsNotDeclaredIsForNobody) {
  Bench bench{kBudget};
  EXPECT_EQ(bench.ask(bench.token(), "GET /v1/everything", "http"), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::forbidden);
}

TEST_F(GateMatrixTest, TheSameByHttpAndCertificate) {
  for (const Somebody& role : kRoles) {
    if (*role.scope == '\0') continue;
    SCOPED_TRACE(role.name);
    Bench bench{kBudget};
    Door& door = bench.machine.door();
    const Principal certified{"somebody", *Scope::parse(role.scope)};
    Caller caller{.peer = "192.0.2.7", .certified = &certified};
    EXPECT_EQ(door.stop(caller, bench.now()).has_value(), role.granted.contains(3));
    const auto thing = door.thing(caller, "wss://d/v1/ws", bench.now());
    EXPECT_EQ(thing.has_value() || thing.error().reason == Reason::too_big, role.granted.contains(2));
    caller.bearer = "wrong";
    EXPECT_EQ(door.stop(caller, bench.now()).error().reason, Reason::unauthenticated)
        << "a token goes before the certificate";
  }
}

/// SIGNALBOX_SEQUENCES=1000000 for all night, or 500001..1000000 for its second half beside the first; each
/// is sixteen steps of somebody.
TEST(GateCrowd, NobodyEverGetsMoreThanTheyWereGiven) {
  const char* asked = std::getenv("SIGNALBOX_SEQUENCES");
  const std::string range = asked != nullptr ? asked : "60";
  const std::size_t dots = range.find("..");
  const std::uint64_t first = dots != std::string::npos ? std::stoull(range) : 1;
  const std::uint64_t last = std::stoull(dots != std::string::npos ? range.substr(dots + 2) : range);
  ASSERT_LE(first, last);
  for (std::uint64_t seed = first; seed <= last && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Crowd crowd{seed};
    for (int i = 0; i < 16; ++i) crowd.step();
  }
}

}  // namespace
}  // namespace signalbox::session
