#include "drivers/servo.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;
using hal::Completion;

/// An output that the test makes safe, or takes away.
class Slack final : public hal::Pwm {
 public:
  hal::PwmHolds state = hal::PwmHolds::asked;
  double duty = -1.0;

 private:
  int do_claim(std::string_view /*output*/, std::uint32_t /*frequency*/, double initial_duty,
               double /*safe_duty*/) override {
    duty = initial_duty;
    return 0;
  }
  void do_release_output(int /*output*/) override {}
  void do_write(int /*output*/, hal::PwmOperation& operation) override {
    state = hal::PwmHolds::asked;
    duty = operation.duty;
    operation.completion = Completion::done;
  }
  void do_withdraw(hal::PwmOperation& /*operation*/) override {}
  hal::PwmHolds do_holds(int /*output*/) const override { return state; }
};

class ServoTest : public testing::Test {
 protected:
  std::string start(std::initializer_list<PartBench::Named> more = {}, double initial = 90.0) {
    std::array<PartBench::Named, 3> named{{{"output", Text{"servo"}}, {"", 0.0}, {"", 0.0}}};
    std::copy(more.begin(), more.end(), named.begin() + 1);
    return bench.start(kServo, {named[0], named[1], named[2]}, initial);
  }
  double pulse() { return bench.platform().servo().pulse_us(); }
  void drive(double angle) {
    bench.actuator().drive(angle, bench.clock.now() + from_ms(100));
    bench.run(from_ms(5));
    EXPECT_EQ(bench.actuator().driven(), Completion::done);
  }

  Slack slack;
  PartBench bench;
};

TEST_F(ServoTest, TurnsToWhereItIsTold) {
  ASSERT_EQ(start(), "");
  EXPECT_DOUBLE_EQ(pulse(), 1500.0);
  for (const auto& [angle, us] : {std::pair{0.0, 1000.0}, {180.0, 2000.0}, {45.0, 1250.0}}) {
    drive(angle);
    EXPECT_DOUBLE_EQ(pulse(), us);
    bench.run(from_ms(1000));
    EXPECT_NEAR(bench.platform().servo().angle(bench.clock.now()), angle, 0.01);
    EXPECT_EQ(std::get<double>(*bench.told.back().value), angle);
  }
}

TEST_F(ServoTest, ItsPulsesCanBeOfOtherWidthsAndTurnTheOtherWay) {
  ASSERT_EQ(start({{"minUs", 2400.0}, {"maxUs", 600.0}}, 0.0), "");
  EXPECT_DOUBLE_EQ(pulse(), 2400.0);
  drive(180.0);
  EXPECT_DOUBLE_EQ(pulse(), 600.0);
}

TEST_F(ServoTest, WithoutRestItIsAlwaysPulsed) {
  ASSERT_EQ(start(), "");
  bench.run(from_ms(60'000));
  EXPECT_DOUBLE_EQ(pulse(), 1500.0);
}

TEST_F(ServoTest, RestsAfterAWhileAndWakesWhenItIsDriven) {
  ASSERT_EQ(start({{"restMs", 700.0}}), "");
  bench.run(from_ms(690));
  EXPECT_GT(pulse(), 0.0);
  bench.run(from_ms(20));
  EXPECT_EQ(pulse(), 0.0);
  EXPECT_EQ(std::get<double>(*bench.told.back().value), 90.0) << "it is still there";
  drive(10.0);
  EXPECT_GT(pulse(), 0.0);
  bench.run(from_ms(600));
  EXPECT_GT(pulse(), 0.0);
  drive(20.0);
  bench.run(from_ms(600));
  EXPECT_GT(pulse(), 0.0) << "from the last turn on";
  bench.run(from_ms(150));
  EXPECT_EQ(pulse(), 0.0);
  EXPECT_NEAR(bench.platform().servo().angle(bench.clock.now()), 20.0, 0.01);
}

TEST_F(ServoTest, ARestThatFailedIsTriedAgain) {
  bench.faults.add({sim::FaultKind::fails, "servo", Instant{from_ms(50)}, Instant{from_ms(150)}});
  ASSERT_EQ(start({{"restMs", 100.0}, {"periodMs", 10.0}}), "");
  bench.run(from_ms(160));
  EXPECT_GT(pulse(), 0.0);
  bench.run(from_ms(100));
  EXPECT_EQ(pulse(), 0.0);
}

TEST_F(ServoTest, ARestUnderWayDoesNotUndoATurn) {
  bench.faults.add({sim::FaultKind::hung, "servo", Instant{from_ms(50)}, Instant{from_ms(300)}});
  ASSERT_EQ(start({{"restMs", 100.0}, {"periodMs", 10.0}}), "");
  bench.run(from_ms(200));
  bench.actuator().drive(30.0, bench.clock.now() + from_ms(1000));
  EXPECT_FALSE(bench.part().is_quiet());
  bench.run(from_ms(150));
  EXPECT_EQ(bench.actuator().driven(), Completion::done);
  EXPECT_GT(pulse(), 0.0);
}

TEST_F(ServoTest, TellsThatItWasMadeSafeAndRestsAgain) {
  hal::Platform::Ports ports = bench.platform().ports();
  ports.pwm = &slack;
  const device::PartSetup setup{.ports = ports,
                                .settings = {{Text{"any"}, 1000.0, 2000.0, 300.0, 100.0}},
                                .initial = 10.0,
                                .safe = 45.0};
  ASSERT_EQ(bench.start(kServo, setup), "");
  bench.run(from_ms(450));
  EXPECT_EQ(bench.told.back().value, device::Value{10.0});
  EXPECT_EQ(slack.duty, 0.0) << "it rests";
  slack.state = hal::PwmHolds::safe;
  bench.run(from_ms(100));
  EXPECT_EQ(bench.told.back().value, device::Value{45.0});
  slack.duty = -1.0;
  bench.run(from_ms(400));
  EXPECT_EQ(slack.duty, 0.0) << "it rests there";
  slack.state = hal::PwmHolds::unknown;
  bench.run(from_ms(100));
  EXPECT_EQ(bench.told.back().why, "output not writable");
  drive(20.0);
  bench.run(from_ms(100));
  EXPECT_EQ(bench.told.back().value, device::Value{20.0});
}

TEST_F(ServoTest, NeedsItsOutput) {
  EXPECT_EQ(bench.start(kServo, {{"output", Text{"arm"}}}), "no free PWM output \"arm\" on this board");
}

}  // namespace
}  // namespace signalbox::drivers
