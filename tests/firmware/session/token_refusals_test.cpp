#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

constexpr Budget kRefusingBudget = [] {
  Budget budget = kEventfulBudget;
  budget.sessions_max = 4;
  return budget;
}();

/// Wishes about tokens that are not fulfilled.
class TokenRefusalsTest : public testing::Test {
 protected:
  /// What was answered, once a change would have been saved: a reason, or the type.
  std::string ask(Client& client, std::string_view type, const std::string& payload) {
    client.messages.clear();
    send(client, type, payload);
    bench.pass(from_ms(6));
    const Message answer = client.last("m");
    return answer.type() == "error" ? answer.at("payload.reason") : std::string{answer.type()};
  }
  void send(Client& client, std::string_view type, const std::string& payload) {
    bench.send(client, R"({"type":")" + std::string{type} + R"(","msgId":"m","payload":)" + payload + "}");
  }
  Result<void> claim(ConnectionId connection, const std::string& body) {
    return bench.machine.door().claim(connection, {"192.0.2.7"}, body, bench.now());
  }
  std::string with_code() { return R"({"code":")" + std::string{bench.tokens().claim_code()} + '"'; }

  Bench bench{kRefusingBudget};
  Client& admin = bench.join();
};

TEST_F(TokenRefusalsTest, NoIdIsCut) {
  EXPECT_EQ(ask(admin, "revokeToken", R"({"id":")" + std::string(43, 'x') + "\"}"), R"("notFound")");
  EXPECT_EQ(ask(admin, "revokeToken", R"({"id":")" + std::string(44, 'x') + "\"}"), R"("tooBig")");
}

TEST_F(TokenRefusalsTest, TwoTicketsWaitForOnePersonAndNoThird) {
  EXPECT_EQ(ask(admin, "ticket", "{}"), "ticket");
  EXPECT_EQ(ask(admin, "ticket", "{}"), "ticket");
  EXPECT_EQ(ask(admin, "ticket", "{}"), R"("busy")");
}

TEST_F(TokenRefusalsTest, AClaimIsTextsAndNothingElse) {
  for (const auto& [body, field] :
       {std::pair{R"({"code":7})", "code"}, std::pair{R"({"name":"ann"})", "code"}})
    EXPECT_EQ(claim(90, body).error().field.view(), field) << body;
  const Result<void> named = claim(90, with_code() + R"(,"name":7})");
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().reason, Reason::malformed);
  EXPECT_EQ(named.error().field.view(), "name");
  EXPECT_TRUE(claim(90, with_code() + "}")) << "the code was not used up";
}

TEST_F(TokenRefusalsTest, NoMoreWaitToBeSavedThanThereArePlaces) {
  Client& other = bench.join();
  send(admin, "issueToken", R"({"name":"panel","scope":"viewer"})");
  bench.machine.step(bench.now(), bench.clock().wall());
  ASSERT_TRUE(bench.tokens().is_saving());
  ConnectionId connection = 90;
  Result<void> taken;
  while ((taken = claim(connection, with_code() + "}")) && connection < 200) ++connection;
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, Reason::overloaded);
  EXPECT_EQ(connection, 90 + TokenDesk::kChangesMax - 1) << "one place is the administrator's";
  EXPECT_GT(taken.error().retry_after_ms, 0U);
  EXPECT_EQ(ask(other, "issueToken", R"({"name":"panel","scope":"viewer"})"), R"("overloaded")");
  bench.pass(from_ms(100));
  EXPECT_EQ(admin.last("m").type(), "token") << "who waited is answered";
  EXPECT_EQ(bench.claims.size(), TokenDesk::kChangesMax - 1);
  EXPECT_EQ(ask(other, "issueToken", R"({"name":"panel","scope":"viewer"})"), "token") << "places are free";
}

TEST_F(TokenRefusalsTest, WhoComesWhileAllAreToldToLeaveIsSentAway) {
  Client& late = *bench.arrive(bench.token());
  Client& slow = bench.join();
  slow.reads = false;
  bench.send(slow, std::string(600, 'x'));  // more than a message may have
  bench.machine.stop("restart", bench.now());
  EXPECT_EQ(bench.arrive(bench.token()), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::overloaded);
  EXPECT_EQ(bench.refusal.detail.view(), "restart");
  bench.open(late);
  bench.pass(from_ms(10));
  EXPECT_EQ(late.messages.back().type(), "goodbye") << "its handshake was under way";
  slow.reads = true;
  slow.wanted = true;
  bench.pump();
  EXPECT_EQ(slow.close_code, 1009) << "as it was told before";
}

}  // namespace
}  // namespace signalbox::session
