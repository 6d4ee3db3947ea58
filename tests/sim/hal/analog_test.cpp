#include "sim/hal/analog.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

using hal::Completion;

class AnalogTest : public testing::Test {
 protected:
  AnalogTest() { analog.attach("tank", level); }
  void run_until(std::int64_t ms) {
    const Instant now{from_ms(ms)};
    while (analog.next() <= now) analog.finish_next();
    analog.set_now(now);
  }

  double fraction = 0.5;
  twins::AnalogLevel level{[this] { return fraction; }};
  Faults faults;
  Analog analog{faults};
};

TEST_F(AnalogTest, ConvertsInALaterStep) {
  const int input = analog.claim("tank");
  hal::AnalogReading reading;
  analog.read(input, reading);
  EXPECT_EQ(reading.completion, Completion::pending);
  run_until(1);
  EXPECT_EQ(reading.completion, Completion::done);
  EXPECT_NEAR(reading.volts, 2.5, 0.002);
}

TEST_F(AnalogTest, ClaimsAnInputOnce) {
  EXPECT_EQ(analog.claim("well"), hal::Analog::kNoInput);
  EXPECT_NE(analog.claim("tank"), hal::Analog::kNoInput);
  EXPECT_EQ(analog.claim("tank"), hal::Analog::kNoInput);
}

TEST_F(AnalogTest, SuffersItsFaults) {
  const int input = analog.claim("tank");
  faults.add({FaultKind::stuck, "tank", Instant{}, Instant{from_ms(5)}});
  faults.add({FaultKind::fails, "tank", Instant{from_ms(5)}, Instant{from_ms(10)}});
  fraction = 1.0;
  hal::AnalogReading reading;
  analog.read(input, reading);
  run_until(5);
  EXPECT_NEAR(reading.volts, 2.5, 0.002);
  analog.read(input, reading);
  run_until(10);
  EXPECT_EQ(reading.completion, Completion::failed);
  reading.deadline = Instant{from_ms(9)};
  analog.read(input, reading);
  run_until(20);
  EXPECT_EQ(reading.completion, Completion::timed_out);
  analog.read(99, reading);
  EXPECT_EQ(reading.completion, Completion::failed);
}

}  // namespace
}  // namespace signalbox::sim
