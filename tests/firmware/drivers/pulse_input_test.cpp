#include "drivers/pulse_input.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/counted_line.hpp"

namespace signalbox::drivers {
namespace {

constexpr Instant moment(std::int64_t ms) { return Instant{from_ms(ms)}; }

class PulseInputTest : public testing::Test {
 protected:
  PulseInputTest() {
    line.edges.since = moment(1);
    EXPECT_TRUE(input.open().has_value());
  }
  void read(std::int64_t ms) {
    input.ask(moment(ms));
    EXPECT_TRUE(input.take());
    EXPECT_FALSE(input.take()) << "once";
  }

  CountedLine line;
  PulseInput input{&line, "meter", {.edges = hal::Edges::rising}, from_ms(10'000)};
};

TEST_F(PulseInputTest, CountsEveryEdgeAndTakesTheRateFromTheirTimes) {
  read(1000);
  EXPECT_EQ(input.pulses(), 0U);
  EXPECT_EQ(input.per_second(), 0.0);
  line.give(11, moment(1900), from_ms(100));
  read(2000);
  EXPECT_EQ(input.pulses(), 11U);
  EXPECT_DOUBLE_EQ(input.per_second(), 10.0) << "of the last two, where nothing is known of before";
  line.give(4, moment(2700), from_ms(50));
  read(3000);
  EXPECT_EQ(input.pulses(), 15U);
  EXPECT_DOUBLE_EQ(input.per_second(), 5.0) << "4 in the 800 ms since the last one of before";
}

TEST_F(PulseInputTest, OnePulseTellsNoRate) {
  line.give(1, moment(500), {});
  read(1000);
  EXPECT_EQ(input.pulses(), 1U);
  EXPECT_EQ(input.per_second(), 0.0);
}

TEST_F(PulseInputTest, WithoutPulsesTheRateFallsToNothing) {
  line.give(10, moment(1000), from_ms(100));
  read(1050);
  EXPECT_DOUBLE_EQ(input.per_second(), 10.0);
  read(1090);
  EXPECT_DOUBLE_EQ(input.per_second(), 10.0) << "the next one is not late yet";
  read(3000);
  EXPECT_DOUBLE_EQ(input.per_second(), 0.5);
  read(11'000);
  EXPECT_EQ(input.per_second(), 0.0);
  line.give(3, moment(20'000), from_ms(500));
  read(20'010);
  EXPECT_DOUBLE_EQ(input.per_second(), 2.0) << "how long it stood still says nothing";
}

TEST_F(PulseInputTest, ACountThatBeganAnewIsAddedAndToldOnce) {
  line.give(10, moment(1000), from_ms(100));
  read(1050);
  EXPECT_EQ(input.fault(), "");
  line.edges = {.since = moment(1500)};
  line.give(3, moment(1800), from_ms(100));
  read(2000);
  EXPECT_EQ(input.fault(), "pulses missed");
  EXPECT_EQ(input.pulses(), 13U);
  line.give(1, moment(2100), from_ms(300));
  read(3000);
  EXPECT_EQ(input.fault(), "");
  EXPECT_EQ(input.pulses(), 14U);
}

TEST_F(PulseInputTest, WhatCouldNotBeReadIsCountedLater) {
  line.give(10, moment(1000), from_ms(100));
  read(1050);
  line.fails = true;
  line.give(10, moment(2000), from_ms(100));
  read(2050);
  EXPECT_EQ(input.fault(), "line not readable");
  EXPECT_EQ(input.pulses(), 10U);
  line.fails = false;
  read(3050);
  EXPECT_EQ(input.fault(), "");
  EXPECT_EQ(input.pulses(), 20U);
}

TEST(PulseInput, ClaimsItsLineAndGivesItBack) {
  CountedLine line;
  {
    PulseInput input{&line, "meter", {hal::Bias::pull_up, from_ms(5), hal::Edges::falling}, from_ms(1)};
    ASSERT_TRUE(input.open().has_value());
    EXPECT_EQ(line.name, "meter");
    EXPECT_EQ(line.setup, (hal::InputSetup{hal::Bias::pull_up, from_ms(5), hal::Edges::falling}));
  }
  EXPECT_FALSE(line.is_claimed);
  PulseInput nowhere{nullptr, "meter", {}, from_ms(1)};
  EXPECT_EQ(nowhere.open().error().detail.view(), "no free input line \"meter\" on this board");
}

}  // namespace
}  // namespace signalbox::drivers
