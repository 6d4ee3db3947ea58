#include "sim/twins/bme280.hpp"

#include <gtest/gtest.h>

#include "drivers/bme280.hpp"
#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

class TwinBme280Test : public testing::Test {
 protected:
  template <std::size_t kBytes>
  std::array<std::uint8_t, kBytes> read(Instant when, std::uint8_t from) {
    std::array<std::uint8_t, kBytes> bytes{};
    EXPECT_TRUE(chip.write(when, std::array{from}));
    EXPECT_TRUE(chip.read(when, bytes));
    return bytes;
  }
  void write(Instant when, std::uint8_t to, std::uint8_t byte) {
    EXPECT_TRUE(chip.write(when, std::array{to, byte}));
  }
  void force(Instant when, std::uint8_t ctrl_hum, std::uint8_t ctrl_meas) {
    write(when, 0xF2, ctrl_hum);
    write(when, 0xF4, ctrl_meas);
  }

  Bme280::Air air{25.08, 50.0, 1006.53};
  Bme280 chip{[this] { return air; }};
};

constexpr std::array<std::uint8_t, 8> kNothingMeasured{0x80, 0, 0, 0x80, 0, 0, 0x80, 0};

TEST_F(TwinBme280Test, IsABme280ThatHasMeasuredNothing) {
  EXPECT_EQ(read<1>(at(0), 0xD0)[0], 0x60);
  EXPECT_EQ(read<4>(at(0), 0xF2), (std::array<std::uint8_t, 4>{}));
  EXPECT_EQ(read<8>(at(0), 0xF7), kNothingMeasured);
}

TEST_F(TwinBme280Test, HasTheRawValuesOfTheDataSheetsExample) {
  force(at(0), 5, 0xB5);  // sixteen times each
  const auto raw = read<8>(at(200), 0xF7);
  const int adc_p = raw[0] << 12 | raw[1] << 4 | raw[2] >> 4;
  const int adc_t = raw[3] << 12 | raw[4] << 4 | raw[5] >> 4;
  EXPECT_NEAR(adc_t, 519888, 32);  // a hundredth of a degree
  EXPECT_NEAR(adc_p, 415148, 16);  // a hundredth of a hectopascal
}

TEST_F(TwinBme280Test, IsReadByTheDriversFormulas) {
  using Driver = drivers::Bme280;
  Driver::Trimming trimming;
  Driver::take_first(trimming, read<Driver::kFirstBytes>(at(0), 0x88));
  Driver::take_second(trimming, read<Driver::kSecondBytes>(at(0), 0xE1));
  int second = 0;
  for (const double celsius : {-40.0, -10.0, 0.0, 21.5, 60.0, 85.0})
    for (const double humidity : {5.0, 50.0, 95.0})
      for (const double pressure : {300.0, 1013.25, 1100.0}) {
        air = {celsius, humidity, pressure};
        force(at(1000 * ++second), 5, 0xB5);
        const auto raw = read<8>(at(1000 * second + 500), 0xF7);
        const double fine =
            Driver::t_fine(trimming, static_cast<std::uint32_t>(raw[3] << 12U | raw[4] << 4U | raw[5] >> 4U));
        const auto adc_p = static_cast<std::uint32_t>(raw[0] << 12U | raw[1] << 4U | raw[2] >> 4U);
        EXPECT_NEAR(Driver::celsius(fine), celsius, 0.011);
        EXPECT_NEAR(*Driver::hectopascals(trimming, fine, adc_p), pressure, 0.02);
        EXPECT_NEAR(
            Driver::humidity_percent(trimming, fine, static_cast<std::uint16_t>(raw[6] << 8U | raw[7])),
            humidity, 0.05);
      }
}

TEST_F(TwinBme280Test, MeasuresOnceAndSleepsAgain) {
  force(at(0), 1, 0x25);
  EXPECT_EQ(read<2>(at(7), 0xF3), (std::array<std::uint8_t, 2>{0x08, 0x25}));  // 8 ms, typically
  EXPECT_EQ(read<8>(at(7), 0xF7), kNothingMeasured);
  EXPECT_EQ(read<2>(at(8), 0xF3), (std::array<std::uint8_t, 2>{0x00, 0x24}));
  const auto first = read<8>(at(8), 0xF7);
  EXPECT_NE(first, kNothingMeasured);
  air.celsius = 30.0;
  EXPECT_EQ(read<8>(at(500), 0xF7), first);
}

TEST_F(TwinBme280Test, SkipsWhatIsNotOversampled) {
  force(at(0), 0, 0x21);  // temperature only
  const auto raw = read<8>(at(20), 0xF7);
  EXPECT_EQ((std::array{raw[0], raw[1], raw[2]}), (std::array<std::uint8_t, 3>{0x80, 0, 0}));
  EXPECT_NE((std::array{raw[3], raw[4]}), (std::array<std::uint8_t, 2>{0x80, 0}));
  EXPECT_EQ((std::array{raw[6], raw[7]}), (std::array<std::uint8_t, 2>{0x80, 0}));
}

TEST_F(TwinBme280Test, CountsCtrlHumFromTheNextCtrlMeasOn) {
  write(at(0), 0xF4, 0x25);
  write(at(0), 0xF2, 1);
  EXPECT_EQ(read<1>(at(20), 0xFD)[0], 0x80);
  write(at(20), 0xF4, 0x25);
  EXPECT_NE(read<1>(at(40), 0xFD)[0], 0x80);
}

TEST_F(TwinBme280Test, ForgetsAllButItsParametersWithItsSupplyAndAtAReset) {
  force(at(0), 1, 0x25);
  const auto parameters = read<26>(at(10), 0x88);
  chip.lose_power();
  EXPECT_EQ(read<3>(at(20), 0xF2), (std::array<std::uint8_t, 3>{}));
  EXPECT_EQ(read<8>(at(20), 0xF7), kNothingMeasured);
  EXPECT_EQ(read<26>(at(20), 0x88), parameters);
  force(at(30), 1, 0x25);
  write(at(50), 0xE0, 0xB6);
  EXPECT_EQ(read<8>(at(50), 0xF7), kNothingMeasured);
}

}  // namespace
}  // namespace signalbox::sim::twins
