// Outputs of a PWM chip whose files the test writes, and the order in which they are written.
#include "hal/linux/pwm_output.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <sys/inotify.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "hal/linux/descriptor.hpp"
#include "hal/linux/pwm_tree.hpp"

namespace signalbox::hal::kernel {
namespace {

using Step = PwmSteps::Step;
using Words = std::vector<std::string>;

/// Takes what the kernel takes of an output, and refuses the rest.
struct KernelsOutput {
  PwmState its;

  double part() const { return its.is_enabled ? double{1.0} * its.duty_ns / its.period_ns : 0.0; }
  bool take(Step step, std::uint32_t period_ns, std::uint32_t duty_ns) {
    const PwmState before = its;
    switch (step) {
      case Step::disable: its.is_enabled = false; break;
      case Step::period: its.period_ns = period_ns; break;
      case Step::duty: its.duty_ns = duty_ns; break;
      case Step::polarity: its.is_inversed = false; break;
      case Step::enable: its.is_enabled = true; break;
    }
    return its.period_ns > 0 && its.duty_ns <= its.period_ns &&
           (its.is_inversed == before.is_inversed || !before.is_enabled);
  }
};

RC_GTEST_PROP(PwmSteps, LeadFromAnyStateToTheWantedOneAndAreOnForNoLongerInBetween, ()) {
  const auto period = *rc::gen::inRange<std::uint32_t>(0, 50);
  const PwmState from{.period_ns = period,
                      .duty_ns = *rc::gen::inRange<std::uint32_t>(0, period + 1),
                      .is_inversed = *rc::gen::arbitrary<bool>(),
                      .is_enabled = period > 0 && *rc::gen::arbitrary<bool>()};
  const auto period_ns = *rc::gen::inRange<std::uint32_t>(1, 50);
  const auto duty_ns = *rc::gen::inRange<std::uint32_t>(0, period_ns + 1);
  KernelsOutput output{from};
  const double before = output.part();
  const double after = double{1.0} * duty_ns / period_ns;
  const PwmSteps way{from, period_ns, duty_ns};
  for (const Step step : way.steps()) {
    RC_ASSERT(output.take(step, period_ns, duty_ns));
    RC_ASSERT(output.its.is_inversed || output.part() <= std::max(before, after));
  }
  RC_ASSERT(output.its.period_ns == period_ns);
  RC_ASSERT(output.its.duty_ns == duty_ns);
  RC_ASSERT(output.its.is_enabled && !output.its.is_inversed);
}

TEST(PwmSteps, OfOneThatRunsAsWantedThereAreNone) {
  const PwmState from{.period_ns = 40'000, .duty_ns = 10'000, .is_inversed = false, .is_enabled = true};
  const PwmSteps none{from, 40'000, 10'000};
  EXPECT_EQ(none.steps().size(), 0U);
  const PwmSteps one{from, 40'000, 20'000};
  EXPECT_EQ(one.steps().size(), 1U);
}

class PwmOutputTest : public testing::Test {
 protected:
  Result<PwmOutput> open(std::string_view name, std::uint32_t frequency_hz = 25'000, double duty = 0.25) {
    return PwmOutput::open(tree.root(), name, frequency_hz, duty);
  }
  std::string why(std::string_view name) {
    const auto opened = open(name);
    return opened ? "" : std::string{opened.error().detail.view()};
  }

  PwmTree tree;
};

/// The files of an output that are written, in their order.
class Writes {
 public:
  explicit Writes(const std::string& directory) {
    inotify_add_watch(watch_.number(), directory.c_str(), IN_MODIFY);
  }
  Words names() {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    const ssize_t size = read(watch_.number(), buffer.data(), buffer.size());
    Words found;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(&buffer[static_cast<std::size_t>(at)]);
      found.emplace_back(event->name);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    return found;
  }

 private:
  Descriptor watch_{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
};

TEST_F(PwmOutputTest, AFreshOneGetsItsPeriodFirstAndRunsAtTheEnd) {
  tree.output(1, "0", "0", "0");
  Writes writes{tree.output_directory(1)};
  ASSERT_TRUE(open("pwmchip0:1"));
  EXPECT_EQ(writes.names(), (Words{"period", "duty_cycle", "enable"}));
  EXPECT_EQ(tree.text(1, "period"), "40000");
  EXPECT_EQ(tree.text(1, "duty_cycle"), "10000");
  EXPECT_EQ(tree.text(1, "enable"), "1");
}

TEST_F(PwmOutputTest, OneThatRunsGoesOn) {
  tree.output(0, "20000000", "1500000", "1");
  Writes writes{tree.output_directory(0)};
  ASSERT_TRUE(open("pwmchip0:0", 50, 0.05));
  EXPECT_EQ(writes.names(), Words{"duty_cycle"});
  EXPECT_EQ(tree.text(0, "duty_cycle"), "1000000");
  ASSERT_TRUE(open("pwmchip0:0"));
  EXPECT_EQ(writes.names(), (Words{"duty_cycle", "period"})) << "no duty cycle is above the period";
}

TEST_F(PwmOutputTest, AnInversedOneIsTurnedWhileItRests) {
  tree.output(0, "40000", "0", "1", "inversed");
  Writes writes{tree.output_directory(0)};
  ASSERT_TRUE(open("pwmchip0:0"));
  EXPECT_EQ(writes.names(), (Words{"enable", "duty_cycle", "polarity", "enable"}));
  EXPECT_EQ(tree.text(0, "polarity"), "normal");
}

TEST_F(PwmOutputTest, WritesNanosecondsRoundedAndNeverMoreThanThePeriod) {
  tree.output(0, "0", "0", "0");
  const auto output = open("pwmchip0:0", 30'000, 0.0);
  ASSERT_TRUE(output);
  EXPECT_EQ(tree.text(0, "period"), "33333");
  for (const auto& [duty, ns] : {std::pair{1.0, "33333"}, {0.5, "16667"}, {2.0, "33333"}, {-1.0, "0"}}) {
    EXPECT_TRUE(output->write(duty));
    EXPECT_EQ(tree.text(0, "duty_cycle"), ns) << duty;
  }
}

TEST_F(PwmOutputTest, IsFoundByTheDeviceThatItsChipIs) {
  tree.output(1, "0", "0", "0");
  EXPECT_EQ(why("fe20c000.pwm:1"), "");
  EXPECT_EQ(why("fe20c00.pwm:1"), "there is no PWM chip of that name");
  EXPECT_EQ(PwmOutput::chip_words(tree.root(), 0), "pwmchip0  fe20c000.pwm, 2 outputs");
  EXPECT_EQ(PwmOutput::chip_words(tree.root(), 1), "");
  const auto by_number = open("pwmchip0:1");
  const auto by_device = open("fe20c000.pwm:1");
  ASSERT_TRUE(by_number && by_device);
  EXPECT_TRUE(by_number->is_same(*by_device));
}

TEST_F(PwmOutputTest, WhatIsNotThereIsTold) {
  EXPECT_EQ(why("pwmchip1:0"), "there is no PWM chip of that name");
  EXPECT_EQ(why("pwmchip0:2"), "the chip has 2 outputs, counted from 0");
  for (const char* name : {"pwmchip0", "pwmchip0:", "pwmchip0:x", ":0", "../pwmchip0:0", "pwmchip0:-1"})
    EXPECT_EQ(why(name), "a chip and an output's number are expected, such as pwmchip0:0") << name;
  EXPECT_EQ(PwmOutput::find(tree.root(), "pwmchip0:7").error().reason, Reason::not_found);
  EXPECT_TRUE(PwmOutput::find(tree.root(), "pwmchip0:0")) << "it need not be asked for";
}

TEST_F(PwmOutputTest, IsAskedForAndWaitedForUntilItsFilesAreThere) {
  std::thread kernel{[this] {
    while (tree.exported().empty()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    tree.output(1, "0", "0", "0");
  }};
  const std::string told = why("pwmchip0:1");
  kernel.join();
  EXPECT_EQ(told, "");
  EXPECT_EQ(tree.exported(), "1\n");
}

TEST_F(PwmOutputTest, OneThatDoesNotComeIsGivenUp) {
  EXPECT_EQ(why("pwmchip0:0"), "its files: it does not exist");
}

TEST_F(PwmOutputTest, NonsenseInItsFilesIsTold) {
  tree.output(0, "soon", "0", "0");
  EXPECT_EQ(why("pwmchip0:0"), "its state cannot be read: Input/output error");
}

}  // namespace
}  // namespace signalbox::hal::kernel
