// PWM outputs of a kernel that the test writes, held by the process that holds the real one's.
#include "hal/linux/pwm.hpp"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>

#include "hal/linux/clock.hpp"
#include "hal/linux/pwm_tree.hpp"

namespace signalbox::hal::kernel {
namespace {

class KernelPwmTest : public testing::Test {
 protected:
  void SetUp() override {
    tree.output(0, "0", "0", "0");
    ASSERT_TRUE(pwm->open(true, tree.root()));
  }
  static Instant now() { return Clock{}.now(); }
  bool eventually(const std::function<bool()>& there, bool goes_round = true) {
    for (int i = 0; i < 5000; ++i) {
      if (goes_round) pwm->poll(now());
      if (there()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return false;
  }
  Completion write(int output, double duty, Instant deadline = kNever) {
    operation = {.duty = duty, .deadline = deadline};
    pwm->write(output, operation);
    EXPECT_TRUE(eventually([this] { return is_final(operation.completion); }));
    return operation.completion;
  }
  std::string duty() const { return tree.text(0, "duty_cycle"); }

  PwmTree tree;
  std::unique_ptr<Pwm> pwm = std::make_unique<Pwm>();
  PwmOperation operation;
};

TEST_F(KernelPwmTest, AnOutputBeginsAsItIsToldAndMoves) {
  const int output = pwm->claim("fe20c000.pwm:0", 1000, 0.4, 1.0);
  ASSERT_NE(output, hal::Pwm::kNoOutput);
  EXPECT_EQ(duty(), "400000");
  EXPECT_EQ(tree.text(0, "enable"), "1");
  EXPECT_EQ(write(output, 0.75), Completion::done);
  EXPECT_EQ(duty(), "750000");
  EXPECT_EQ(write(output, 0.1, now()), Completion::timed_out);
  EXPECT_EQ(duty(), "750000");
}

TEST_F(KernelPwmTest, ItIsClaimedOnceAndKeepsItsDutyWhenReleased) {
  const int output = pwm->claim("pwmchip0:0", 1000, 0.4, 0.0);
  EXPECT_EQ(pwm->claim("pwmchip0:0", 1000, 0.9, 0.0), hal::Pwm::kNoOutput);
  const int other = pwm->claim("fe20c000.pwm:0", 1000, 0.9, 0.0);
  EXPECT_EQ(duty(), "400000") << "it is the same, by another name";
  EXPECT_EQ(write(other, 0.9), Completion::failed);
  pwm->release(other);
  pwm->release(output);
  EXPECT_EQ(duty(), "400000");
  EXPECT_NE(pwm->claim("pwmchip0:0", 1000, 0.5, 0.0), hal::Pwm::kNoOutput);
  EXPECT_EQ(duty(), "500000");
}

TEST_F(KernelPwmTest, WhereTheLoopFallsSilentOutputsAreSafe) {
  const int output = pwm->claim("pwmchip0:0", 1000, 0.4, 0.2);
  const int released = output;
  EXPECT_EQ(write(output, 0.9), Completion::done);
  EXPECT_EQ(pwm->holds(output), PwmHolds::asked);
  EXPECT_TRUE(eventually([this] { return duty() == "200000"; }, false));
  EXPECT_TRUE(eventually([this, output] { return pwm->holds(output) == PwmHolds::safe; }));
  EXPECT_EQ(write(output, 0.9), Completion::done) << "and go on when it is back";
  EXPECT_EQ(pwm->holds(output), PwmHolds::asked);
  pwm->release(released);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  EXPECT_EQ(duty(), "900000") << "nobody's safe value counts any more";
}

TEST_F(KernelPwmTest, WhereTheLoopIsGoneOutputsAreSafe) {
  const int output = pwm->claim("pwmchip0:0", 1000, 0.4, 0.2);
  EXPECT_EQ(write(output, 0.9), Completion::done);
  pwm = nullptr;
  EXPECT_TRUE(eventually([this] { return duty() == "200000"; }, false));
}

TEST_F(KernelPwmTest, OneThatIsNotThereIsHadWhenItComesAndBeginsSafe) {
  testing::internal::CaptureStderr();
  const int output = pwm->claim("pwmchip0:1", 1000, 0.9, 0.3);
  ASSERT_NE(output, hal::Pwm::kNoOutput) << "no reason not to start";
  EXPECT_EQ(write(output, 0.5), Completion::failed);
  EXPECT_EQ(pwm->holds(output), PwmHolds::unknown);
  tree.output(1, "0", "0", "0");
  for (int i = 0; i < 3 && tree.text(1, "duty_cycle") != "300000"; ++i)
    (void)eventually([this] { return tree.text(1, "duty_cycle") == "300000"; });
  EXPECT_TRUE(eventually([this, output] { return pwm->holds(output) == PwmHolds::safe; }));
  EXPECT_EQ(write(output, 0.5), Completion::done);
  EXPECT_EQ(tree.text(1, "duty_cycle"), "500000");
  const std::string told = testing::internal::GetCapturedStderr();
  // Why, hal/linux/pwm_output tells; on a busy machine the process that asks may be given up before it does.
  EXPECT_NE(told.find("PWM output pwmchip0:1: "), std::string::npos) << told;
  EXPECT_NE(told.find("; it is asked for again every 5 s"), std::string::npos) << told;
  EXPECT_NE(told.find("PWM output pwmchip0:1 is there"), std::string::npos) << told;
}

}  // namespace
}  // namespace signalbox::hal::kernel
