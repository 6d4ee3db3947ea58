// Who comes back as an earlier session, and what of that it gets.
#include "tests/firmware/session/gate_bench.hpp"

namespace signalbox::session {
namespace {

class ReturnsTest : public GateBench {};

TEST_F(ReturnsTest, AReturningHolderKeepsItsLeaseAndItsBaton) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  bench.leave(ann);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "held") << "it may still return";
  Client& back = bench.join();
  const std::string back_session = back.messages.at(0).at("payload.session");
  EXPECT_EQ(ask(back, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "notFound");
  EXPECT_EQ(ask(back, "resume", proof), "resumed");
  EXPECT_EQ(ask(back, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "renewed");
  bench.pass(from_ms(1500));
  EXPECT_TRUE(is_on(kHeater)) << "by the renewal; returning alone renews nothing";
  EXPECT_EQ(ask(bob, "command", kHeat), "held");
  const std::string session = back_session.substr(1, back_session.size() - 2);
  EXPECT_NE(detail(bob).find("session " + session), std::string::npos) << "by the session that is there";
  EXPECT_EQ(ask(back, "resume", proof), "notFound") << "once";
  EXPECT_EQ(ask(bob, "resume", R"("session":"1-1","sessionToken":"guess")"), "forbidden");
}

TEST_F(ReturnsTest, WhoReturnsTakesAlongWhatTheNewSessionHolds) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  bench.leave(ann);
  Client& back = bench.join();
  EXPECT_EQ(ask(back, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(back, "resume", proof), "resumed");
  EXPECT_EQ(ask(back, "renew", R"("channel":"cabin/heater","leaseMs":1000)"), "renewed");
  EXPECT_EQ(ask(back, "command", R"("channel":"cabin/fan","value":5)"), "applied") << "its own baton";
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/fan","value":5)"), "held");
}

TEST_F(ReturnsTest, NobodyReturnsWhileItsCommandsAreUnderWay) {
  const std::string proof = resume_of(ann);
  bench.leave(ann);
  bench.command(bob, "c", std::string{kHeat});
  bench.send(bob, R"({"type":"resume","msgId":"r","payload":{)" + proof + "}}");
  bench.pass(from_ms(100));
  EXPECT_EQ(bob.reason("r"), R"("busy")");
  EXPECT_EQ(ask(bob, "resume", proof), "resumed");
  EXPECT_EQ(ask(bob, "renew", R"("channel":"cabin/heater","leaseMs":1000)"), "renewed");
}

TEST_F(ReturnsTest, WhoDoesNotReturnInTimeLosesTheBaton) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  bench.leave(ann);
  for (int i = 0; i < 61; ++i) {
    bench.pass(from_ms(1000));
    ask(bob, "ping", "");
  }
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "taken");
  Client& back = bench.join();
  EXPECT_EQ(ask(back, "resume", proof), "notFound");
}

TEST_F(ReturnsTest, ResumingTwiceWhileTheOldConnectionLingersLosesNothing) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  ann.reads = false;  // so that it cannot be closed
  EXPECT_EQ(ask(bob, "resume", proof), "resumed");
  EXPECT_EQ(ask(bob, "resume", proof), "notFound");
  EXPECT_EQ(ask(bob, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "renewed");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","action":"release")"), "applied");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","value":true)"), "malformed")
      << "without a lease it does not move";
}

TEST_F(ReturnsTest, ResumingASessionThatHasSaidGoodbyeSaysItNoSecondTime) {
  const std::string proof = resume_of(ann);
  bench.machine.door().refuse(ann.session, 1003, "no text", bench.now());
  ann.reads = false;
  bench.take(ann);
  ASSERT_EQ(ann.count("goodbye"), 1U);
  EXPECT_EQ(ask(bob, "resume", proof), "resumed");
  ann.reads = true;
  bench.pass(from_ms(300));
  EXPECT_EQ(ann.count("goodbye"), 1U);
  EXPECT_EQ(ann.close_code, 1003);
}

TEST_F(ReturnsTest, WhoseSessionWasResumedMovesNothingAnyMore) {
  const std::string proof = resume_of(ann);
  bench.send(bob, R"({"type":"resume","msgId":"r","payload":{)" + proof + "}}");
  bench.send(ann, R"({"type":"command","msgId":"c","payload":{"channel":"cabin/heater","value":true}})");
  bench.send(ann, R"({"type":"ping","msgId":"p"})");
  bench.pass(from_ms(300));
  EXPECT_FALSE(is_on(kHeater)) << "nobody has a lease";
  EXPECT_EQ(ann.answers("c") + ann.answers("p"), "");
  EXPECT_EQ(ann.count("goodbye"), 1U);
  EXPECT_EQ(ann.close_code, 1000);
}

TEST_F(ReturnsTest, HandshakesThatNeverOpenTakeNobodysReturn) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  bench.leave(ann);
  for (int i = 0; i < 10; ++i) {
    Client* half = bench.arrive(bench.token());
    ASSERT_NE(half, nullptr);
    bench.leave(*half);
  }
  EXPECT_EQ(ask(bench.join(), "resume", proof), "resumed");
}

TEST_F(ReturnsTest, ResumingClosesTheOldConnection) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "resume", proof), "resumed") << "the old connection may be half dead";
  bench.pass(from_ms(300));
  EXPECT_EQ(ann.close_code, 1000);
  EXPECT_EQ(ask(bob, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "renewed");
}

}  // namespace
}  // namespace signalbox::session
