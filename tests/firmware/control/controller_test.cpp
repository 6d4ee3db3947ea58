#include "tests/firmware/control/controller_bench.hpp"

namespace signalbox::control {
namespace {

TEST_F(ControllerTest, a_port_that_answers_at_once_needs_one_step) {
  lines.at_once = true;
  const auto command = send(kLamp, true);
  step();
  EXPECT_TRUE(heard[command].ended());
}

TEST_F(ControllerTest, one_channel_runs_in_order_others_go_on) {
  const auto first = send(kPump, true, Rung::applied);
  const auto second = send(kPump, false, Rung::applied);
  const auto other = send(kLamp, true);
  step();
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_EQ(lines.writes[1].line, "lamp");
  lines.finish("lamp");
  step();
  EXPECT_TRUE(heard[other].ended());
  lines.finish("pump");
  step();
  EXPECT_TRUE(heard[first].ended());
  ASSERT_EQ(lines.writes.size(), 3U);
  EXPECT_EQ(lines.writes[2], (HeldLines::Write{"pump", false, Instant{from_ms(2000)}}));
  EXPECT_EQ(heard[second].ends, 0);
  lines.finish("pump");
  step();
  EXPECT_TRUE(heard[second].ended());
}

TEST_F(ControllerTest, a_newer_command_supersedes_an_older_ones_verification) {
  const auto older = send(kPump, true);
  step();
  lines.finish("pump");
  step();
  const auto newer = send(kPump, false);
  EXPECT_EQ(heard[older].ends, 0);
  step();
  EXPECT_TRUE(heard[older].failed_by(Reason::superseded));
  EXPECT_EQ(heard[newer].ends, 0);
}

TEST_F(ControllerTest, expires_while_waiting_and_is_never_driven) {
  send(kLamp, true, Rung::applied, from_ms(5000));
  const auto waiting = send(kLamp, false, Rung::applied, from_ms(200));
  EXPECT_EQ(step(), now + from_ms(200));
  step(from_ms(199));
  EXPECT_EQ(heard[waiting].ends, 0);
  step(from_ms(1));
  EXPECT_TRUE(heard[waiting].failed_by(Reason::expired));
  lines.finish("lamp");
  step();
  EXPECT_EQ(lines.writes.size(), 1U);
}

TEST_F(ControllerTest, expires_where_the_machine_was_held_up_before_its_turn) {
  const auto command = send(kLamp, true, Rung::applied, from_ms(100));
  step(from_ms(100));
  EXPECT_TRUE(heard[command].failed_by(Reason::expired));
  EXPECT_TRUE(lines.writes.empty());
}

TEST_F(ControllerTest, toggle_is_the_opposite_of_what_is_read) {
  lines.at_once = true;
  read(kLamp, true);
  send(kLamp, std::nullopt);
  step();
  ASSERT_EQ(lines.writes.size(), 1U);
  EXPECT_FALSE(lines.writes[0].level);
}

TEST_F(ControllerTest, a_state_that_is_not_known_cannot_be_toggled) {
  const auto never_read = send(kLamp, std::nullopt);
  step();
  EXPECT_TRUE(heard[never_read].failed_by(Reason::failed));
  read(kLamp, true, Quality::fault);
  const auto faulty = send(kLamp, std::nullopt);
  step();
  EXPECT_TRUE(heard[faulty].failed_by(Reason::failed));
  EXPECT_TRUE(lines.writes.empty());
}

TEST_F(ControllerTest, two_toggles_come_back_to_where_it_was) {
  lines.at_once = true;
  read(kLamp, false);
  const auto first = send(kLamp, std::nullopt);
  const auto second = send(kLamp, std::nullopt);
  step(from_ms(1));
  EXPECT_TRUE(heard[first].ended());
  EXPECT_EQ(heard[second].ends, 0) << "what is read was taken before the first one moved it";
  now += from_ms(5);
  read(kLamp, true);
  step();
  EXPECT_TRUE(heard[second].ended());
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_TRUE(lines.writes[0].level);
  EXPECT_FALSE(lines.writes[1].level);
}

TEST_F(ControllerTest, a_toggle_that_is_never_read_back_expires) {
  lines.at_once = true;
  read(kLamp, false);
  send(kLamp, true);
  const auto toggle = send(kLamp, std::nullopt, Rung::applied, from_ms(300));
  step();
  step(from_ms(300));
  EXPECT_TRUE(heard[toggle].failed_by(Reason::expired));
  EXPECT_EQ(lines.writes.size(), 1U);
}

TEST_F(ControllerTest, a_full_queue_is_an_answer_and_recovers) {
  for (int i = 0; i < 4; ++i) send(kLamp, true, Rung::applied);
  const Result<void> refused = controller.submit(command_on(kLamp, true));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, Reason::overloaded);
  EXPECT_GT(refused.error().retry_after_ms, 0U);
  EXPECT_EQ(controller.gauge().refused, 1U);
  lines.at_once = true;
  step();
  lines.finish("lamp");
  step();
  EXPECT_EQ(controller.gauge().used, 0U);
  for (std::uint32_t i = 1; i <= 4; ++i) EXPECT_TRUE(heard[i].ended());
  send(kLamp, true);
}

TEST_F(ControllerTest, outputs_are_driven_in_the_parts_own_scale) {
  roster.channels()[kLamp].kind = device::ValueKind::number;
  roster.channels()[kLamp].scale = 100.0;
  roster.channels()[kLamp].offset = 50.0;
  lines.at_once = true;
  send(kLamp, 50.0);  // uncalibrated: 0, which the relay takes for off
  step();
  send(kLamp, 150.0);
  step();
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_FALSE(lines.writes[0].level);
  EXPECT_TRUE(lines.writes[1].level);
}

// Going safe.

}  // namespace
}  // namespace signalbox::control
