// The process that listens on CAN, asked for interfaces that this machine does not have; tests/kernel has
// some.
#include "hal/linux/can.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "hal/linux/clock.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr CanId kFrame{.number = 0x123, .is_extended = false};

class KernelCanTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(can.open(true)); }
  Completion read(int reader) {
    reading.deadline = Clock{}.now() + from_ms(5000);
    can.read(reader, reading);
    for (int i = 0; i < 10'000 && !is_final(reading.completion); ++i) {
      can.poll(Clock{}.now());
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return reading.completion;
  }

  Can can;
  CanReading reading;
};

TEST_F(KernelCanTest, AnInterfaceThatIsNotThereIsToldOnce) {
  testing::internal::CaptureStderr();
  const int reader = can.claim({"signalbox-none", kFrame});
  const int another = can.claim({"signalbox-none", {0x18FEF100, true}});
  for (const int its : {reader, another, reader}) {
    const Completion ended = read(its);
    EXPECT_TRUE(ended == Completion::absent || ended == Completion::failed);
    EXPECT_FALSE(reading.has_frame);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string words =
      "CAN interface signalbox-none: th";  // there is none, or this kernel speaks no CAN
  ASSERT_NE(log.find(words), std::string::npos) << log;
  EXPECT_EQ(log.find(words), log.rfind(words)) << log;
}

TEST_F(KernelCanTest, ClaimsWhatCanBeAnInterface) {
  EXPECT_EQ(can.claim({"", kFrame}), hal::Can::kNoReader);
  EXPECT_EQ(can.claim({"../can0", kFrame}), hal::Can::kNoReader);
  for (std::size_t i = 0; i < CanWorker::kPortsMax; ++i)
    EXPECT_EQ(can.claim({format_text<15>("can%zu", i), kFrame}), static_cast<int>(i));
  EXPECT_EQ(can.claim({"one-too-many", kFrame}), hal::Can::kNoReader);
  EXPECT_NE(can.claim({"can0", kFrame}), hal::Can::kNoReader) << "several may read one";
  can.release(3);
  EXPECT_EQ(can.claim({"one-too-many", kFrame}), 3) << "its place is free again";
}

TEST_F(KernelCanTest, AReaderThatIsClaimedAnewReadsSomethingElse) {
  testing::internal::CaptureStderr();
  const int reader = can.claim({"signalbox-one", kFrame});
  EXPECT_NE(read(reader), Completion::done);
  can.release(reader);
  EXPECT_EQ(can.claim({"signalbox-two", kFrame}), reader);
  EXPECT_NE(read(reader), Completion::done);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("CAN interface signalbox-one: "), std::string::npos) << log;
  EXPECT_NE(log.find("CAN interface signalbox-two: "), std::string::npos) << log;
}

TEST(KernelCan, WithoutItsProcessNothingIsRead) {
  Can can;
  CanReading reading;
  can.read(can.claim({"can0", kFrame}), reading);
  EXPECT_EQ(reading.completion, Completion::failed);
}

}  // namespace
}  // namespace signalbox::hal::kernel
