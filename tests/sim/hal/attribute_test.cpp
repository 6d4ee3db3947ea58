#include "sim/hal/attribute.hpp"

#include <gtest/gtest.h>

#include "sim/twins/ds18b20.hpp"
#include "sim/twins/hwmon.hpp"

namespace signalbox::sim {
namespace {

using hal::Completion;
using Subsystem = hal::AttributeSource::Subsystem;

constexpr hal::AttributeSource kChip{Subsystem::hwmon, "lm75", "temp1"};
constexpr hal::AttributeSource kThermometer{Subsystem::one_wire, "28-0123456789ab", {}};

class AttributeTest : public testing::Test {
 protected:
  AttributeTest() {
    attribute.attach(kChip, chip);
    attribute.attach(kThermometer, thermometer);
  }
  void run_until(std::int64_t ms) {
    const Instant now{from_ms(ms)};
    while (attribute.next() <= now) attribute.finish_next();
    attribute.set_now(now);
  }

  twins::Hwmon chip{[] { return 20.0; }};
  twins::Ds18b20 thermometer{[] { return 21.0; }};
  Faults faults;
  Attribute attribute{faults};
};

TEST_F(AttributeTest, ReadsInALaterStep) {
  const int source = attribute.claim(kThermometer);
  hal::AttributeReading reading;
  attribute.read(source, reading);
  run_until(749);
  EXPECT_EQ(reading.completion, Completion::pending);
  run_until(750);
  EXPECT_EQ(reading.completion, Completion::done);
  EXPECT_EQ(reading.value, 21.0);
}

TEST_F(AttributeTest, FindsSourcesByTheirNames) {
  EXPECT_NE(attribute.claim(kChip), hal::Attribute::kNoSource);
  EXPECT_NE(attribute.claim(kChip), hal::Attribute::kNoSource) << "another may read it as well";
  EXPECT_EQ(attribute.claim({Subsystem::one_wire, "any", {}}), attribute.claim(kThermometer));
  EXPECT_EQ(attribute.claim({Subsystem::iio, "lm75", "temp1"}), hal::Attribute::kNoSource);
  EXPECT_EQ(attribute.claim({Subsystem::hwmon, "lm75", "temp2"}), hal::Attribute::kNoSource);
}

TEST_F(AttributeTest, SuffersItsFaults) {
  const int source = attribute.claim(kChip);
  faults.add({FaultKind::silent, "lm75", Instant{}, Instant{from_ms(5)}});
  faults.add({FaultKind::fails, "lm75", Instant{from_ms(5)}, Instant{from_ms(10)}});
  hal::AttributeReading reading;
  attribute.read(source, reading);
  run_until(5);
  EXPECT_EQ(reading.completion, Completion::absent);
  attribute.read(source, reading);
  run_until(10);
  EXPECT_EQ(reading.completion, Completion::failed);
  reading.deadline = Instant{from_ms(9)};
  attribute.read(source, reading);
  run_until(20);
  EXPECT_EQ(reading.completion, Completion::timed_out);
  attribute.read(99, reading);
  EXPECT_EQ(reading.completion, Completion::failed);
}

TEST_F(AttributeTest, WhatTellsNothingFails) {
  thermometer.disturb(true);
  hal::AttributeReading reading;
  attribute.read(attribute.claim(kThermometer), reading);
  run_until(800);
  EXPECT_EQ(reading.completion, Completion::failed);
}

}  // namespace
}  // namespace signalbox::sim
