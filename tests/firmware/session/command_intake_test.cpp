#include "session/command_intake.hpp"

#include "tests/firmware/session/gate_bench.hpp"

namespace signalbox::session {
namespace {

class CommandIntakeTest : public GateBench {};

TEST_F(CommandIntakeTest, ThePulseIsClampedAndEnds) {
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","action":"pulse","pulseMs":60000)"), "applied");
  bench.pass(from_ms(220));
  bench.pass(from_ms(1200));
  EXPECT_FALSE(is_on(kLamp));
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","action":"pulse","pulseMs":10)"), "malformed");
}

TEST_F(CommandIntakeTest, AForeignEpochNeverRuns) {
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"p","epoch":"before")"),
            "foreignEpoch");
  EXPECT_FALSE(is_on(kLamp));
}

TEST_F(CommandIntakeTest, ASceneTellsOfEachWriteThatMayNot) {
  EXPECT_EQ(ask(ann, "scene",
                R"("writes":[{"channel":"cabin/fan","value":101},{"channel":"attic","value":1},)"
                R"({"channel":"cabin/door","value":true},{"channel":"lamp","value":true}])"),
            "outOfRange");
  EXPECT_EQ(ann.messages.back().at("payload.field"), R"("payload.writes[0].value")");
  EXPECT_EQ(
      ann.messages.back().at("payload.refused"),
      R"([{"channel":"cabin/fan","reason":"outOfRange"},{"channel":"cabin/door","reason":"forbidden"}])");
  EXPECT_EQ(ask(ann, "scene",
                R"("writes":[{"channel":"cabin/heater","value":true},{"channel":"lamp","value":true}])"),
            "malformed");
  EXPECT_EQ(ann.messages.back().at("payload.refused"),
            R"([{"channel":"cabin/heater","reason":"malformed"}])");
}

TEST_F(CommandIntakeTest, WhatMayNotBeReadIsNotThere) {
  Client& eve = bench.join_with(bench.issue("eve", "read:cabin/fan control:lamp"));
  EXPECT_EQ(ask(eve, "command", R"("channel":"cabin/fan","value":5)"), "forbidden");
  EXPECT_EQ(detail(eve), R"("you may read this channel, not move it")");
  EXPECT_EQ(ask(eve, "command", R"("channel":"cabin/heater","value":false)"), "notFound");
  EXPECT_EQ(detail(eve), R"("there is no such channel; describe lists them")");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/door","value":true)"), "forbidden");
  EXPECT_EQ(detail(ann), R"("this channel is measured, not moved")");
}

TEST_F(CommandIntakeTest, WhoHasTheLeaseNeedsNotAskAgain) {
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":false)"), "applied") << "safe needs none";
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true)"), "malformed");
  EXPECT_EQ(detail(ann), R"("found nothing; expected 1 to 2000: this output moves only by lease")");
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true)"), "applied");
}

}  // namespace
}  // namespace signalbox::session
