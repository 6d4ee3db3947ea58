// How commands that were handed to the hardware end.
#include "tests/firmware/control/controller_bench.hpp"

namespace signalbox::control {
namespace {

TEST_F(ControllerTest, without_feedback_applied_is_the_top) {
  const auto command = send(kLamp, true);
  EXPECT_TRUE(lines.writes.empty()) << "submitting only queues";
  step();
  ASSERT_EQ(lines.writes.size(), 1U);
  EXPECT_EQ(lines.writes[0], (HeldLines::Write{"lamp", true, now + from_ms(1000)}));
  EXPECT_EQ(heard[command].ends, 0);
  lines.finish("lamp");
  step();
  EXPECT_EQ(heard[command].rungs, Rungs{Rung::applied});
  EXPECT_TRUE(heard[command].ended());
  EXPECT_FALSE(heard[command].error);
  EXPECT_EQ(controller.gauge().used, 0U);
}

TEST_F(ControllerTest, feedback_that_agrees_verifies) {
  const auto command = send(kPump, true);
  step();
  lines.finish("pump");
  EXPECT_EQ(step(), now + from_ms(500)) << "when the feedback must have agreed";
  EXPECT_EQ(heard[command].rungs, Rungs{Rung::applied});
  EXPECT_EQ(heard[command].ends, 0);
  now += from_ms(100);
  read(kFlow, true);
  step();
  EXPECT_EQ(heard[command].rungs, (Rungs{Rung::applied, Rung::verified}));
  EXPECT_TRUE(heard[command].ended());
}

TEST_F(ControllerTest, only_a_usable_reading_taken_after_applied_verifies) {
  read(kFlow, true);
  const auto command = send(kPump, true);
  step();
  read(kFlow, true);
  lines.finish("pump");
  step(from_ms(1));
  read(kFlow, true);  // in the same moment: it may have been read before
  step();
  EXPECT_EQ(heard[command].ends, 0);
  now += from_ms(1);
  read(kFlow, true, Quality::fault);
  step();
  EXPECT_EQ(heard[command].ends, 0);
  now += from_ms(1);
  read(kFlow, true, Quality::simulated);
  step();
  EXPECT_TRUE(heard[command].ended());
  EXPECT_FALSE(heard[command].error);
}

TEST_F(ControllerTest, feedback_that_does_not_agree_in_time_is_a_mismatch) {
  const auto command = send(kPump, true);
  step();
  lines.finish("pump");
  step(from_ms(300));
  now += from_ms(200);
  read(kFlow, false);
  step(from_ms(299));
  EXPECT_EQ(heard[command].ends, 0) << "counted from applied, not from the command's coming";
  step(from_ms(1));
  EXPECT_TRUE(heard[command].failed_by(Reason::mismatch));
  EXPECT_NE(heard[command].error->detail.view().find("flow"), std::string_view::npos);
  EXPECT_EQ(actuations.back().failed, Reason::mismatch) << "told to those who watch, too";
}

TEST_F(ControllerTest, an_output_that_does_not_follow_to_its_safe_value_is_a_mismatch_too) {
  lines.at_once = true;
  const auto command = send(kPump, true);  // its safe value
  step();
  now += from_ms(10);
  read(kPump, false);
  read(kFlow, false);
  step();
  EXPECT_EQ(lines.writes.size(), 2U) << "it is told again";
  EXPECT_EQ(heard[command].ends, 0) << "which may help";
  step(from_ms(500));
  EXPECT_TRUE(heard[command].failed_by(Reason::mismatch));
}

TEST_F(ControllerTest, feedback_of_numbers_has_scale_offset_and_tolerance) {
  roster.channels()[kPump].output->feedback = device::Feedback{
      .channel = kFlow, .scale = 12.0, .offset = 1.0, .tolerance = 0.5, .within = from_ms(500)};
  for (const double seen : {12.4, 13.6}) {
    const auto command = send(kPump, true);
    step();
    lines.finish("pump");
    step();
    now += from_ms(1);
    values.put(kFlow, {seen, Quality::good, now});
    step();
    EXPECT_EQ(heard[command].ends, 0) << seen;
    now += from_ms(1);
    values.put(kFlow, {seen < 13 ? 12.5 : 13.5, Quality::good, now});
    step();
    EXPECT_TRUE(heard[command].ended()) << seen;
    EXPECT_FALSE(heard[command].error);
  }
}

TEST_F(ControllerTest, until_picks_the_final_rung) {
  lines.at_once = true;
  const auto accepted = send(kPump, true, Rung::accepted);
  step();
  EXPECT_TRUE(heard[accepted].ended()) << "told, for whoever counts what is in flight";
  const auto applied = send(kPump, false, Rung::applied);
  step();
  EXPECT_EQ(heard[applied].rungs, Rungs{Rung::applied});
  EXPECT_TRUE(heard[applied].ended());
  EXPECT_EQ(controller.gauge().used, 1U) << "whether it happened is watched all the same";
  actuations.clear();
  step(from_ms(1000));
  EXPECT_EQ(controller.gauge().used, 0U);
  ASSERT_EQ(actuations.size(), 1U);
  EXPECT_EQ(actuations[0].failed, Reason::mismatch);
  EXPECT_EQ(heard[applied].rungs, Rungs{Rung::applied}) << "it was answered once";
  EXPECT_FALSE(heard[applied].error);
}

TEST_F(ControllerTest, what_the_port_did_not_reach_in_time_is_expired) {
  const auto command = send(kLamp, true, Rung::applied, from_ms(100));
  step();
  lines.finish("lamp", Completion::timed_out);
  step(from_ms(100));
  EXPECT_TRUE(heard[command].failed_by(Reason::expired));
}

TEST_F(ControllerTest, what_the_hardware_refused_has_failed) {
  for (const Completion completion : {Completion::failed, Completion::no_reply}) {
    const auto command = send(kPump, false);
    step();
    lines.finish("pump", completion);
    step();
    EXPECT_TRUE(heard[command].failed_by(Reason::failed));
  }
}

TEST_F(ControllerTest, a_silent_port_makes_the_outcome_unknown) {
  const auto command = send(kLamp, true, Rung::applied, from_ms(100));
  step();
  const Instant due = step(from_ms(100));
  EXPECT_GT(due, now + from_ms(1000)) << "a second beyond the deadline";
  EXPECT_LT(due, now + from_ms(1001));
  step(from_ms(1000));
  EXPECT_EQ(heard[command].ends, 0);
  now = due;
  step();
  EXPECT_TRUE(heard[command].failed_by(Reason::unknown));

  const auto next = send(kLamp, false, Rung::applied, from_ms(300));
  step();
  EXPECT_EQ(lines.writes.size(), 1U) << "a record under way is not touched";
  lines.finish("lamp");
  step();
  ASSERT_EQ(lines.writes.size(), 2U) << "the late end of the other is not taken for its own";
  EXPECT_EQ(heard[next].ends, 0);
  lines.finish("lamp");
  step();
  EXPECT_TRUE(heard[next].ended());
}

}  // namespace
}  // namespace signalbox::control
