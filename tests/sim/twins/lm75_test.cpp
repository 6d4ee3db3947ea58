#include "sim/twins/lm75.hpp"

#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

std::uint16_t word_of(Lm75& chip, Instant when, std::uint8_t pointer) {
  std::array<std::uint8_t, 2> bytes{};
  EXPECT_TRUE(chip.write(when, std::array{pointer}));
  EXPECT_TRUE(chip.read(when, bytes));
  return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

TEST(TwinLm75, HasTheDataSheetsResetValues) {
  Lm75 chip{[] { return 25.0; }};
  EXPECT_EQ(word_of(chip, at(0), 1), 0x0000);
  EXPECT_EQ(word_of(chip, at(0), 2), 0x4B00);  // 75 °C
  EXPECT_EQ(word_of(chip, at(0), 3), 0x5000);  // 80 °C
}

TEST(TwinLm75, TellsNineOrElevenBitsAndNonsenseBelow) {
  Lm75 nine{[] { return -25.3; }};
  EXPECT_EQ(word_of(nine, at(0), 0), 0xE680 | 0x7F);  // -25.5, the half below
  Lm75 eleven{[] { return -25.3; }, 11};
  EXPECT_EQ(word_of(eleven, at(0), 0), 0xE6A0 | 0x1F);  // -25.375
}

TEST(TwinLm75, ConvertsTenTimesASecond) {
  double world = 25.0;
  Lm75 chip{[&world] { return world; }};
  EXPECT_EQ(word_of(chip, at(1000), 0) >> 7U, 50);
  world = 30.0;
  EXPECT_EQ(word_of(chip, at(1099), 0) >> 7U, 50);
  EXPECT_EQ(word_of(chip, at(1100), 0) >> 7U, 60);
}

TEST(TwinLm75, LetsItsLimitsBeWrittenAndNotItsTemperature) {
  Lm75 chip{[] { return 25.0; }};
  EXPECT_TRUE(chip.write(at(0), std::array<std::uint8_t, 3>{3, 0x3C, 0xFF}));
  EXPECT_EQ(word_of(chip, at(0), 3), 0x3C80);
  EXPECT_TRUE(chip.write(at(0), std::array<std::uint8_t, 3>{0, 0x3C, 0x80}));
  EXPECT_EQ(word_of(chip, at(0), 0) >> 7U, 50);
}

}  // namespace
}  // namespace signalbox::sim::twins
