#include "sim/twins/tmp102.hpp"

#include <gtest/gtest.h>

#include "drivers/tmp102.hpp"
#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

class TwinTmp102Test : public testing::Test {
 protected:
  std::uint16_t read(Instant when, std::uint8_t pointer) {
    std::array<std::uint8_t, 2> bytes{};
    EXPECT_TRUE(chip.write(when, std::array{pointer}));
    EXPECT_TRUE(chip.read(when, bytes));
    return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
  }
  double celsius(Instant when) { return drivers::Tmp102::celsius(read(when, 0)); }

  double world = 25.0;
  Tmp102 chip{[this] { return world; }};
};

TEST_F(TwinTmp102Test, HasTheDataSheetsResetValues) {
  EXPECT_EQ(read(at(0), 1), 0x60A0);
  EXPECT_EQ(read(at(0), 2), 0x4B00);
  EXPECT_EQ(read(at(0), 3), 0x5000);
}

TEST_F(TwinTmp102Test, ConvertsForTheDriver) {
  int second = 0;
  for (const double temperature : {25.0, 0.0, -0.0625, -25.0, -55.0, 99.9375, 127.9375}) {
    world = temperature;
    EXPECT_EQ(celsius(at(1000 * ++second)), temperature);
  }
  world = 25.03;
  EXPECT_EQ(celsius(at(1000 * ++second)), 25.0);  // in steps of 0.0625
  world = 200.0;
  EXPECT_EQ(celsius(at(1000 * ++second)), 127.9375);  // no further in 12 bits
}

TEST_F(TwinTmp102Test, ConvertsFourTimesASecond) {
  EXPECT_EQ(celsius(at(1000)), 25.0);
  world = 30.0;
  EXPECT_EQ(celsius(at(1249)), 25.0);
  EXPECT_EQ(celsius(at(1250)), 30.0);
}

TEST_F(TwinTmp102Test, HasAnExtendedMode) {
  EXPECT_TRUE(chip.write(at(0), std::array<std::uint8_t, 3>{1, 0x60, 0xB0}));
  EXPECT_EQ(read(at(0), 1), 0x60B0);
  world = 140.5;
  EXPECT_EQ(celsius(at(1000)), 140.5);
  world = -40.0;
  EXPECT_EQ(celsius(at(2000)), -40.0);
}

TEST_F(TwinTmp102Test, DoesNotLetItsTemperatureBeWritten) {
  EXPECT_TRUE(chip.write(at(0), std::array<std::uint8_t, 3>{0, 0x7F, 0xF0}));
  EXPECT_EQ(celsius(at(0)), 25.0);
  EXPECT_TRUE(chip.write(at(0), {}));
}

}  // namespace
}  // namespace signalbox::sim::twins
