#include "sim/hal/can.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

using hal::Completion;

class CanTest : public testing::Test {
 protected:
  Completion read(int reader, std::int64_t at_ms) {
    run_until(at_ms);
    can.read(reader, reading);
    EXPECT_EQ(reading.completion, Completion::pending);
    run_until(at_ms + 1);
    return reading.completion;
  }
  void run_until(std::int64_t ms) {
    const Instant now{from_ms(ms)};
    while (can.next() <= now) can.finish_next();
    can.set_now(now);
  }

  twins::CanSignal charger{{[] { return 24.0; }, [] { return -5.0; }, [] { return true; }}};
  Faults faults;
  Can can{"can0", {0x123, false}, charger, faults};
  hal::CanReading reading;
};

TEST_F(CanTest, AFrameIsHeardOnceByEachReader) {
  const int reader = can.claim({"can0", {0x123, false}});
  const int another = can.claim({"can0", {0x124, false}});
  const int extended = can.claim({"can0", {0x123, true}});
  EXPECT_EQ(read(reader, 250), Completion::done);
  ASSERT_TRUE(reading.has_frame);
  EXPECT_EQ(reading.received_at, Instant{from_ms(200)});
  EXPECT_EQ(reading.size, 5U);
  EXPECT_EQ(read(reader, 260), Completion::done);
  EXPECT_FALSE(reading.has_frame);
  for (const int other : {another, extended}) {
    EXPECT_EQ(read(other, 350), Completion::done);
    EXPECT_FALSE(reading.has_frame) << "not what it wants";
  }
}

TEST_F(CanTest, SuffersItsFaults) {
  const int reader = can.claim({"can0", {0x123, false}});
  EXPECT_EQ(can.claim({"can1", {0x123, false}}), hal::Can::kNoReader);
  faults.add({FaultKind::silent, "can0", Instant{}, Instant{from_ms(2000)}});
  faults.add({FaultKind::fails, "can0", Instant{from_ms(2000)}, Instant{from_ms(3000)}});
  faults.add({FaultKind::stuck, "can0", Instant{from_ms(3000)}, Instant{from_ms(5000)}});
  EXPECT_EQ(read(reader, 1500), Completion::absent);
  EXPECT_EQ(read(reader, 2500), Completion::failed);
  EXPECT_EQ(read(reader, 4500), Completion::done);
  EXPECT_FALSE(reading.has_frame);
  reading.deadline = Instant{from_ms(4000)};
  EXPECT_EQ(read(reader, 5500), Completion::timed_out);
}

TEST_F(CanTest, AReaderThatIsGivenBackCanBeClaimedAgain) {
  int last = hal::Can::kNoReader;
  int count = 0;
  for (int reader = can.claim({"can0", {1, false}}); reader != hal::Can::kNoReader;
       reader = can.claim({"can0", {1, false}})) {
    last = reader;
    ++count;
  }
  EXPECT_EQ(count, 8);
  can.release(last);
  EXPECT_EQ(can.claim({"can0", {2, false}}), last);
}

}  // namespace
}  // namespace signalbox::sim
