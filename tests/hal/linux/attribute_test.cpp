// Sensors of a kernel that the test writes, read by the processes that read the real one's.
#include "hal/linux/attribute.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <thread>

#include "base/log.hpp"
#include "hal/linux/clock.hpp"
#include "hal/linux/landlock.hpp"
#include "hal/linux/sandbox.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

using Subsystem = AttributeSource::Subsystem;
constexpr AttributeSource kChip{Subsystem::hwmon, "lm75", "temp1"};
constexpr AttributeSource kThermometer{Subsystem::one_wire, "28-0123456789ab", {}};

class KernelAttributeTest : public testing::Test {
 protected:
  void SetUp() override {
    files.put("sys/class/hwmon/hwmon0/name", "other\n");
    ASSERT_TRUE(attribute.open(true, files.c_str()));
  }
  void chip(const char* text) {
    files.put("sys/class/hwmon/hwmon3/name", "lm75\n");
    files.put("sys/class/hwmon/hwmon3/temp1_input", text);
  }
  Completion read(int source, Duration patience = from_ms(5'000)) {
    reading.deadline = Clock{}.now() + patience;
    attribute.read(source, reading);
    EXPECT_TRUE(ends(reading));
    return reading.completion;
  }
  bool ends(const AttributeReading& its) {
    for (int i = 0; i < 20'000 && !is_final(its.completion); ++i) {
      attribute.poll(Clock{}.now());
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return is_final(its.completion);
  }

  TemporaryDirectory files;
  Attribute attribute;
  AttributeReading reading;
};

TEST_F(KernelAttributeTest, ReadsANumber) {
  chip("23500\n");
  const int source = attribute.claim(kChip);
  ASSERT_NE(source, hal::Attribute::kNoSource);
  EXPECT_EQ(read(source), Completion::done);
  EXPECT_EQ(reading.value, 23.5);
  EXPECT_EQ(attribute.next(), kNever);
}

TEST_F(KernelAttributeTest, WhatIsNotThereIsToldOnceAndReadWhenItComes) {
  testing::internal::CaptureStderr();
  const int source = attribute.claim(kChip);
  EXPECT_EQ(read(source), Completion::absent);
  EXPECT_EQ(read(source), Completion::absent);
  chip("abc\n");
  EXPECT_EQ(read(source), Completion::failed);
  chip("1000\n");
  EXPECT_EQ(read(source), Completion::done);
  EXPECT_EQ(read(source), Completion::done);
  const std::string told = testing::internal::GetCapturedStderr();
  const auto times = [&told](std::string_view words) {
    int count = 0;
    for (std::size_t at = told.find(words); at != std::string::npos; at = told.find(words, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("sensor lm75 temp1: there is no chip of that name"), 1) << told;
  EXPECT_EQ(times("sensor lm75 temp1: it tells \"abc\", which is no number"), 1) << told;
  EXPECT_EQ(times("sensor lm75 temp1: it is there"), 1) << told;
}

TEST_F(KernelAttributeTest, TheProcessReachesNoOtherFiles) {
  TemporaryDirectory elsewhere;
  elsewhere.put("number", "1000\n");
  files.put("sys/class/hwmon/hwmon3/name", "lm75\n");
  std::filesystem::create_symlink(elsewhere.path() / "number",
                                  files.path() / "sys/class/hwmon/hwmon3/temp1_input");
  const Completion completion = read(attribute.claim(kChip));
  Landlock landlock;
  const bool is_fenced = can_be_fenced() && landlock.open() && landlock.version() > 0;
  EXPECT_EQ(completion, is_fenced ? Completion::failed : Completion::done);
}

TEST_F(KernelAttributeTest, TheFirstOfANameIsToldApartWithinTheSandbox) {
  files.put("sys/devices/0-004f/hwmon/hwmon1/name", "lm75\n");
  files.put("sys/devices/0-004f/hwmon/hwmon1/temp1_input", "2000\n");
  std::filesystem::create_directory_symlink("../../devices/0-004f/hwmon/hwmon1",
                                            files.path() / "sys/class/hwmon/hwmon1");
  EXPECT_EQ(read(attribute.claim({Subsystem::hwmon, "lm75@0-004f", "temp1"})), Completion::done);
}

TEST_F(KernelAttributeTest, AHungThermometerHoldsNoChipUpAndIsGivenUp) {
  chip("23500\n");
  files.put("sys/bus/w1/devices/28-0123456789ab/id", "");
  const std::string pipe = files.path() / "sys/bus/w1/devices/28-0123456789ab/temperature";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);  // opening it waits for a writer
  AttributeReading hung;
  hung.deadline = Clock{}.now() + from_ms(10'000);
  attribute.read(attribute.claim(kThermometer), hung);
  EXPECT_EQ(read(attribute.claim(kChip)), Completion::done);
  EXPECT_EQ(hung.completion, Completion::pending);
  EXPECT_TRUE(ends(hung));
  EXPECT_EQ(hung.completion, Completion::failed);
}

TEST_F(KernelAttributeTest, ClaimsWhatCanBeASourceAndNoMoreThanThereIsRoomFor) {
  EXPECT_EQ(attribute.claim({Subsystem::hwmon, "lm75", "../temp1"}), hal::Attribute::kNoSource);
  int last = hal::Attribute::kNoSource;
  for (std::size_t i = 0; i < Attribute::kSourcesMax; ++i) {
    last = attribute.claim(kChip);
    EXPECT_NE(last, hal::Attribute::kNoSource) << "several may read one";
  }
  EXPECT_EQ(attribute.claim(kChip), hal::Attribute::kNoSource);
  attribute.release(last);
  EXPECT_EQ(attribute.claim(kChip), last);
}

}  // namespace
}  // namespace signalbox::hal::kernel
