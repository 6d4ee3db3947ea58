#include "sim/twins/ads1115.hpp"

#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

class TwinAds1115Test : public testing::Test {
 protected:
  std::uint16_t read(Instant when, std::uint8_t pointer) {
    std::array<std::uint8_t, 2> bytes{};
    EXPECT_TRUE(chip.write(when, std::array{pointer}));
    EXPECT_TRUE(chip.read(when, bytes));
    return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
  }
  void configure(Instant when, unsigned word) {
    EXPECT_TRUE(chip.write(when, std::array<std::uint8_t, 3>{1, static_cast<std::uint8_t>(word >> 8U),
                                                             static_cast<std::uint8_t>(word)}));
  }
  /// One conversion at 860 samples a second.
  std::uint16_t convert(Instant when, unsigned mux, unsigned pga) {
    configure(when, 0x81E3 | mux << 12U | pga << 9U);
    return read(when + from_ms(2), 0);
  }

  std::array<double, 4> volts{1.0, 0.25, 0.5, 0.125};
  Ads1115 chip{{[this] { return volts[0]; }, [this] { return volts[1]; }, [this] { return volts[2]; },
                [this] { return volts[3]; }}};
};

TEST_F(TwinAds1115Test, HasTheDataSheetsResetValues) {
  EXPECT_EQ(read(at(0), 0), 0x0000);
  EXPECT_EQ(read(at(0), 1), 0x8583);
  EXPECT_EQ(read(at(0), 2), 0x8000);
  EXPECT_EQ(read(at(0), 3), 0x7FFF);
}

TEST_F(TwinAds1115Test, ConvertsOnceForEachStart) {
  configure(at(0), 0xC583);  // AIN0, 2.048 V, 128 samples a second
  EXPECT_EQ(read(at(7), 1), 0x4583);
  EXPECT_EQ(read(at(7), 0), 0x0000);
  EXPECT_EQ(read(at(8), 1), 0xC583);
  EXPECT_EQ(read(at(8), 0), 16000);
  volts[0] = 0.5;
  EXPECT_EQ(read(at(100), 0), 16000);
  configure(at(100), 0x4583);  // without OS nothing begins
  EXPECT_EQ(read(at(200), 0), 16000);
}

TEST_F(TwinAds1115Test, ConnectsWhatMuxSays) {
  constexpr std::array kDifference{0.75, 0.875, 0.125, 0.375, 1.0, 0.25, 0.5, 0.125};
  for (unsigned mux = 0; mux < 8; ++mux)
    EXPECT_EQ(convert(at(10 * mux), mux, 2), static_cast<int>(kDifference[mux] * 16000)) << mux;
}

TEST_F(TwinAds1115Test, HasTheDataSheetsCodesInEachRange) {
  volts[0] = 0.128;
  EXPECT_EQ(convert(at(0), 4, 0), 683);  // 0.128 / 6.144 × 32768
  EXPECT_EQ(convert(at(10), 4, 1), 1024);
  EXPECT_EQ(convert(at(20), 4, 5), 16384);
  volts[0] = 0.3;
  EXPECT_EQ(convert(at(30), 4, 5), 0x7FFF);
  volts[0] = -0.3;
  EXPECT_EQ(convert(at(40), 4, 5), 0x8000);
  volts[0] = -0.256 / 32768;
  EXPECT_EQ(convert(at(50), 4, 5), 0xFFFF);
}

TEST_F(TwinAds1115Test, ForgetsAllWithItsSupply) {
  configure(at(0), 0xC583);
  chip.lose_power();
  EXPECT_EQ(read(at(20), 1), 0x8583);
  EXPECT_EQ(read(at(20), 0), 0x0000);
}

}  // namespace
}  // namespace signalbox::sim::twins
