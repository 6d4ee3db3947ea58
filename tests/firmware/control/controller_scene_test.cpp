#include "tests/firmware/control/controller_bench.hpp"

namespace signalbox::control {
namespace {

class SceneTest : public ControllerTest {
 protected:
  /// Lamp and pump together.
  std::uint32_t send_both(bool lamp, bool pump, Rung until = Rung::applied) {
    const std::uint32_t place = ++sent;
    Command command = command_on(kLamp, lamp, until, from_ms(1000), place);
    command.writes[1] = {.channel = kPump, .value = pump};
    command.writes_count = 2;
    EXPECT_TRUE(controller.submit(command).has_value());
    return place;
  }
  std::vector<std::pair<device::ChannelIndex, Reason>> refusals_of(std::uint32_t place) {
    return heard[place].refusals;
  }
};
using Refused = std::vector<std::pair<device::ChannelIndex, Reason>>;

TEST_F(SceneTest, AllAreDrivenAndAppliedWhenAllArrived) {
  const auto scene = send_both(true, true);
  step();
  ASSERT_EQ(lines.writes.size(), 2U);
  lines.finish("lamp");
  step();
  EXPECT_EQ(heard[scene].ends, 0) << "one of two";
  lines.finish("pump");
  step();
  EXPECT_TRUE(heard[scene].ended());
  EXPECT_FALSE(heard[scene].error);
  EXPECT_EQ(actuations.size(), 2U);
}

TEST_F(SceneTest, OneThatMayNotKeepsAllFromMoving) {
  roster.channels()[kLamp].output->interlocks[0] = {.channel = kFlow, .value = true};
  roster.channels()[kLamp].output->interlocks_count = 1;
  read(kFlow, false);
  const auto scene = send_both(true, false);
  step();
  EXPECT_TRUE(heard[scene].failed_by(Reason::interlocked));
  EXPECT_EQ(refusals_of(scene), (Refused{{kLamp, Reason::interlocked}}));
  EXPECT_TRUE(lines.writes.empty());
  ASSERT_EQ(actuations.size(), 2U) << "what did not happen is told too";
  EXPECT_EQ(actuations[0].failed, Reason::interlocked);
}

TEST_F(SceneTest, WaitsUntilAllItsOutputsAreFree) {
  send(kPump, true, Rung::applied);
  const auto scene = send_both(true, false);
  const auto behind = send(kLamp, false, Rung::applied);
  step();
  EXPECT_EQ(lines.writes.size(), 1U) << "the scene waits, and what came after it waits behind";
  lines.finish("pump");
  step();
  EXPECT_EQ(lines.writes.size(), 3U);
  lines.finish("lamp");
  lines.finish("pump");
  step();
  EXPECT_TRUE(heard[scene].ended());
  lines.finish("lamp");
  step();
  EXPECT_TRUE(heard[behind].ended());
}

TEST_F(SceneTest, WhereOneFailsTheOthersGoSafe) {
  const auto scene = send_both(true, false);
  step();
  lines.finish("lamp");
  lines.finish("pump", Completion::failed);
  lines.writes.clear();
  step();
  EXPECT_TRUE(heard[scene].failed_by(Reason::failed));
  EXPECT_EQ(refusals_of(scene), (Refused{{kPump, Reason::failed}}));
  ASSERT_EQ(lines.writes.size(), 2U) << "what failed may have happened";
  EXPECT_EQ(lines.writes[0].line, "lamp");
  EXPECT_FALSE(lines.writes[0].level);
}

TEST_F(SceneTest, IsVerifiedByAllItsFeedbacks) {
  lines.at_once = true;
  const auto scene = send_both(true, true, Rung::verified);
  step();
  EXPECT_EQ(heard[scene].rungs, Rungs{Rung::applied});
  now += from_ms(10);
  read(kFlow, true);
  step();
  EXPECT_EQ(heard[scene].rungs, (Rungs{Rung::applied, Rung::verified}));
}

TEST_F(ControllerTest, if_version_is_checked_when_its_turn_comes) {
  lines.at_once = true;
  read(kLamp, false);
  Command command = command_on(kLamp, true, Rung::applied, from_ms(1000), 1);
  command.writes[0].if_version = values.of(kLamp).version;
  ASSERT_TRUE(controller.submit(command).has_value());
  read(kLamp, false, Quality::simulated);
  step();
  EXPECT_TRUE(heard[1].failed_by(Reason::conflict));
  command.answer_to.place = 2;
  command.writes[0].if_version = values.of(kLamp).version;
  ASSERT_TRUE(controller.submit(command).has_value());
  step();
  EXPECT_TRUE(heard[2].ended());
  EXPECT_FALSE(heard[2].error);
}

TEST_F(ControllerTest, OutputsThatExcludeEachOtherAreReadBeforeTheNextMoves) {
  roster.channels()[kLamp].output->interlocks[0] = {.channel = kPump, .value = true};
  roster.channels()[kLamp].output->interlocks_count = 1;
  read(kPump, true);
  read(kLamp, false);
  now += from_ms(10);
  for (const bool on : {false, true}) {
    send(kPump, on, Rung::applied);
    step();
    if (!on) lines.finish("pump");
    step();
  }
  ASSERT_EQ(lines.writes.size(), 2U) << "the second is under way";
  const auto lamp = send(kLamp, true, Rung::applied);
  step();
  lines.finish("pump");
  step();
  EXPECT_EQ(lines.writes.size(), 2U) << "it read true before it moved, and not since";
  now += from_ms(10);
  read(kPump, true);
  step();
  ASSERT_EQ(lines.writes.size(), 3U);
  EXPECT_EQ(lines.writes[2].line, "lamp");
  EXPECT_EQ(heard[lamp].ends, 0);
}

TEST_F(ControllerTest, a_pulse_ends_by_itself) {
  lines.at_once = true;
  Command command = command_on(kLamp, true, Rung::applied, from_ms(1000), 1);
  command.writes[0].action = Write::Action::pulse;
  command.writes[0].pulse = from_ms(300);
  ASSERT_TRUE(controller.submit(command).has_value());
  EXPECT_EQ(step(), now + from_ms(300));
  ASSERT_EQ(lines.writes.size(), 1U);
  EXPECT_TRUE(lines.writes[0].level);
  EXPECT_TRUE(heard[1].ended());
  step(from_ms(300));
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_FALSE(lines.writes[1].level);
  EXPECT_EQ(actuations.back().cause, Cause::pulse_ended);
}

TEST_F(ControllerTest, release_goes_safe_and_ends_the_lease) {
  lines.at_once = true;
  Command command = turn_on_by_lease();
  command.answer_to.place = 2;
  command.writes[0].action = Write::Action::release;
  ASSERT_TRUE(controller.submit(command).has_value());
  step();
  EXPECT_FALSE(lines.writes.back().level);
  EXPECT_EQ(controller.authority().lease(kLamp).held_by.holder, kNobody);
}

TEST_F(ControllerTest, stop_needs_no_step_and_refuses_what_waits) {
  lines.at_once = true;
  send(kPump, false, Rung::applied);
  step();
  const auto waiting = send(kLamp, true, Rung::applied);
  lines.writes.clear();
  controller.stop(Actor{}, now);
  ASSERT_EQ(lines.writes.size(), 2U) << "in the same turn";
  EXPECT_FALSE(lines.writes[0].level);
  EXPECT_TRUE(lines.writes[1].level) << "the pump's safe value is on";
  EXPECT_TRUE(heard[waiting].failed_by(Reason::stopped));
  const auto later = send(kLamp, true, Rung::applied);
  step(from_ms(10'000));
  EXPECT_EQ(lines.writes.size(), 2U);
  EXPECT_EQ(heard[later].ends, 1);
  ASSERT_TRUE(controller.reset(Actor{}, now).has_value());
  const auto after = send(kLamp, true, Rung::applied);
  step();
  EXPECT_TRUE(heard[after].ended());
  EXPECT_FALSE(heard[after].error);
}

TEST_F(ControllerTest, what_safety_demands_supersedes_what_is_being_verified) {
  const auto command = send(kPump, false);
  step();
  lines.finish("pump");
  step();
  lines.at_once = true;
  controller.stop({}, now);
  EXPECT_TRUE(heard[command].failed_by(Reason::superseded));
}

TEST_F(ControllerTest, commands_to_a_hung_bus_never_run) {
  send(kLamp, true, Rung::applied, from_ms(100));
  step();
  for (int i = 0; i < 3; ++i) send(kLamp, i % 2 == 0, Rung::applied, from_ms(200));
  step(from_ms(5000));
  lines.finish("lamp", Completion::timed_out);
  step();
  for (std::uint32_t i = 1; i <= sent; ++i) EXPECT_TRUE(heard[i].ended()) << i;
  for (std::uint32_t i = 2; i <= sent; ++i) EXPECT_TRUE(heard[i].failed_by(Reason::expired)) << i;
  EXPECT_EQ(lines.writes.size(), 1U);
}

TEST_F(SceneTest, OneOfWhichNothingIsHeardGoesSafeToo) {
  const auto scene = send_both(true, false);
  step();
  lines.finish("pump");
  step(from_ms(2001));
  EXPECT_TRUE(heard[scene].failed_by(Reason::unknown));
  ASSERT_EQ(lines.writes.size(), 4U) << "what has not happened by then is withdrawn";
  EXPECT_EQ(lines.writes[2], (HeldLines::Write{"lamp", false, now + from_ms(1000)}));
  EXPECT_EQ(lines.writes[3].line, "pump");
}

TEST_F(ControllerTest, if_version_waits_until_what_moved_is_read_back) {
  lines.at_once = true;
  read(kLamp, false);
  now += from_ms(1);
  for (const std::uint32_t place : {1U, 2U}) {
    Command command = command_on(kLamp, true, Rung::applied, from_ms(1000), place);
    command.writes[0].if_version = values.of(kLamp).version;
    ASSERT_TRUE(controller.submit(command).has_value());
  }
  step();
  EXPECT_TRUE(heard[1].ended());
  EXPECT_EQ(heard[2].ends, 0) << "which of the two was first is known once it is read";
  now += from_ms(1);
  read(kLamp, true);
  step();
  EXPECT_TRUE(heard[2].failed_by(Reason::conflict));
}

TEST_F(ControllerTest, a_pulse_is_no_shorter_than_the_least_time_on) {
  roster.channels()[kLamp].output->on_at_least = from_ms(500);
  Command command = command_on(kLamp, true, Rung::applied, from_ms(1000), 1);
  command.writes[0].action = Write::Action::pulse;
  command.writes[0].pulse = from_ms(499);
  ASSERT_TRUE(controller.submit(command).has_value());
  step();
  EXPECT_TRUE(heard[1].failed_by(Reason::out_of_range));
  EXPECT_TRUE(lines.writes.empty());
}

TEST_F(ControllerTest, what_never_reached_the_hardware_has_changed_nothing) {
  Command command = command_on(kLamp, true, Rung::applied, from_ms(1000), 1);
  command.writes[0].action = Write::Action::pulse;
  command.writes[0].pulse = from_ms(300);
  ASSERT_TRUE(controller.submit(command).has_value());
  step();
  lines.finish("lamp");
  step();
  turn_on_by_lease(2, from_ms(100));
  lines.finish("lamp", Completion::timed_out);
  step(from_ms(100));
  EXPECT_TRUE(heard[2].failed_by(Reason::expired));
  EXPECT_EQ(controller.authority().lease(kLamp).held_by.holder, kNobody);
  step(from_ms(200));
  ASSERT_EQ(lines.writes.size(), 3U) << "the pulse ends as it would have";
  EXPECT_FALSE(lines.writes[2].level);
}

TEST_F(ControllerTest, a_release_that_never_reached_the_hardware_keeps_the_lease) {
  lines.at_once = true;
  Command command = turn_on_by_lease();
  lines.at_once = false;
  command.answer_to.place = 2;
  command.writes[0].action = Write::Action::release;
  ASSERT_TRUE(controller.submit(command).has_value());
  step();
  lines.finish("lamp", Completion::timed_out);
  step();
  EXPECT_TRUE(heard[2].failed_by(Reason::expired));
  EXPECT_EQ(controller.authority().lease(kLamp).held_by.holder, 7U);
}

TEST_F(ControllerTest, a_safe_value_that_failed_is_tried_until_it_is_there) {
  lines.at_once = true;
  send(kLamp, true, Rung::applied);
  step();
  lines.at_once = false;
  const auto off = send(kLamp, false, Rung::applied);
  step();
  lines.finish("lamp", Completion::failed);
  step();
  EXPECT_TRUE(heard[off].failed_by(Reason::failed));
  ASSERT_EQ(lines.writes.size(), 3U);
  lines.finish("lamp", Completion::failed);
  step();
  step(from_ms(100));
  ASSERT_EQ(lines.writes.size(), 4U);
  EXPECT_FALSE(lines.writes[3].level);
}

}  // namespace
}  // namespace signalbox::control
