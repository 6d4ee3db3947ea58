#include "tests/firmware/control/controller_bench.hpp"

namespace signalbox::control {
namespace {

TEST_F(ControllerTest, shut_down_drives_every_output_to_its_safe_value) {
  EXPECT_FALSE(controller.shut_down(now));
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_EQ(lines.writes[0].line, "lamp");
  EXPECT_FALSE(lines.writes[0].level);
  EXPECT_EQ(lines.writes[1].line, "pump");
  EXPECT_TRUE(lines.writes[1].level);
  lines.finish("lamp");
  step();
  EXPECT_FALSE(controller.shut_down(now));
  lines.finish("pump", Completion::failed);
  step();
  EXPECT_TRUE(controller.shut_down(now)) << "arrived or failed";
  EXPECT_EQ(lines.writes.size(), 2U) << "once each";
}

TEST_F(ControllerTest, shut_down_refuses_commands_from_then_on) {
  controller.shut_down(now);
  const Result<void> refused = controller.submit(command_on(kLamp, true));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, Reason::stopped);
}

TEST_F(ControllerTest, nothing_moves_an_output_once_it_is_made_safe) {
  const auto queued = send(kLamp, true, Rung::applied);
  controller.shut_down(now);
  EXPECT_TRUE(heard[queued].failed_by(Reason::stopped));
  EXPECT_EQ(controller.gauge().used, 0U);
  lines.finish("lamp");
  lines.finish("pump");
  step();
  EXPECT_TRUE(controller.shut_down(now));
  EXPECT_EQ(lines.writes.size(), 2U);
  EXPECT_FALSE(lines.writes[0].level);
}

TEST_F(ControllerTest, shut_down_comes_after_what_is_under_way) {
  const auto driving = send(kPump, false, Rung::applied);
  const auto waiting = send(kPump, false, Rung::applied);
  step();
  lines.reached = true;
  EXPECT_FALSE(controller.shut_down(now));
  EXPECT_TRUE(heard[waiting].failed_by(Reason::stopped));
  EXPECT_EQ(heard[driving].ends, 0);
  lines.finish("pump");
  EXPECT_FALSE(controller.shut_down(now));
  EXPECT_TRUE(heard[driving].ended());
  EXPECT_FALSE(heard[driving].error);
  ASSERT_EQ(lines.writes.size(), 3U);
  EXPECT_EQ(lines.writes[2].line, "pump");
  EXPECT_TRUE(lines.writes[2].level);
}

TEST_F(ControllerTest, what_has_not_reached_the_hardware_goes_with_who_asked_for_it) {
  Command command = command_on(kLamp, true, Rung::applied, from_ms(30'000), 0);
  command.actor.holder = 7;
  ASSERT_TRUE(controller.submit(command).has_value());
  step();
  EXPECT_TRUE(lines.is_moving("lamp"));
  controller.dismiss(7, now);
  step();
  EXPECT_FALSE(lines.is_moving("lamp"));
  EXPECT_TRUE(heard[0].failed_by(Reason::forbidden)) << "not expired: its deadline is far away";
  EXPECT_EQ(controller.gauge().used, 0U);
}

TEST_F(ControllerTest, shut_down_supersedes_what_is_being_verified) {
  const auto command = send(kPump, false);
  step();
  lines.finish("pump");
  step();
  controller.shut_down(now);
  EXPECT_TRUE(heard[command].failed_by(Reason::superseded));
  step(from_ms(5000));
}

TEST_F(ControllerTest, a_stop_drives_outputs_before_it_answers_who_waits) {
  lines.at_once = true;
  send(kLamp, true, Rung::applied);
  step();
  const auto waiting = send(kLamp, true, Rung::applied);
  actuations.clear();
  controller.stop({}, now);
  EXPECT_TRUE(heard[waiting].failed_by(Reason::stopped));
  ASSERT_GE(actuations.size(), 2U);
  EXPECT_EQ(actuations.front().cause, Cause::stop);
  EXPECT_EQ(actuations.back().failed, Reason::stopped);
}

TEST_F(ControllerTest, what_has_not_reached_the_hardware_is_withdrawn_by_a_stop) {
  const auto hung = send(kLamp, true, Rung::applied, from_ms(60'000));
  step();
  controller.stop({}, now);
  EXPECT_TRUE(heard[hung].failed_by(Reason::stopped));
  ASSERT_EQ(lines.writes.size(), 3U) << "on, and both safe values in the same turn";
  EXPECT_EQ(lines.writes[1], (HeldLines::Write{"lamp", false, now + from_ms(1000)}));
}

TEST_F(ControllerTest, what_is_under_way_to_the_safe_value_goes_on) {
  const auto command = send(kLamp, false, Rung::applied);
  step();
  controller.stop({}, now);
  EXPECT_EQ(heard[command].ends, 0);
  EXPECT_TRUE(lines.is_moving("lamp"));
}

}  // namespace
}  // namespace signalbox::control
