#include "drivers/bme280.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

/// The example in the BMP280's data sheet (section 3.12), whose formulas for temperature and pressure are the
/// same.
Bme280::Trimming example() {
  Bme280::Trimming trimming;
  trimming.dig_t1 = 27504;
  trimming.dig_t2 = 26435;
  trimming.dig_t3 = -1000;
  trimming.dig_p1 = 36477;
  trimming.dig_p2 = -10685;
  trimming.dig_p3 = 3024;
  trimming.dig_p4 = 2855;
  trimming.dig_p5 = 140;
  trimming.dig_p6 = -7;
  trimming.dig_p7 = 15500;
  trimming.dig_p8 = -14600;
  trimming.dig_p9 = 6000;
  return trimming;
}

TEST(Bme280, CompensatesTheDataSheetsExample) {
  const double fine = Bme280::t_fine(example(), 519888);
  EXPECT_NEAR(fine, 128422.0, 1.0);
  EXPECT_NEAR(Bme280::celsius(fine), 25.08, 0.005);
  EXPECT_NEAR(*Bme280::hectopascals(example(), fine, 415148), 1006.5327, 0.001);
}

TEST(Bme280, CompensatesWhatAChipTold) {
  // As somebody read it, and had 24.44 °C and 54.17 %, in Bosch Sensortec's community.
  constexpr std::array<std::uint8_t, Bme280::kFirstBytes> kFirst{
      0x6C, 0x6E, 0x77, 0x66, 0x32, 0x00, 0xA8, 0x92, 0x27, 0xD5, 0xD0, 0x0B, 0x6F,
      0x18, 0xCA, 0xFF, 0xF9, 0xFF, 0xAC, 0x26, 0x0A, 0xD8, 0xBD, 0x10, 0x00, 0x4B};
  constexpr std::array<std::uint8_t, Bme280::kSecondBytes> kSecond{0x65, 0x01, 0x00, 0x14, 0x0B, 0x00, 0x1E};
  Bme280::Trimming trimming;
  Bme280::take_first(trimming, kFirst);
  Bme280::take_second(trimming, kSecond);
  EXPECT_EQ(trimming.dig_t1, 28268);
  EXPECT_EQ(trimming.dig_p2, -10969);
  EXPECT_EQ(trimming.dig_p9, 4285);
  EXPECT_EQ(trimming.dig_h1, 75);
  EXPECT_EQ(trimming.dig_h2, 357);
  EXPECT_EQ(trimming.dig_h4, 331);
  EXPECT_EQ(trimming.dig_h5, 0);
  EXPECT_EQ(trimming.dig_h6, 30);
  const double fine = Bme280::t_fine(trimming, 0x817FB);
  EXPECT_NEAR(Bme280::celsius(fine), 24.44, 0.005);
  EXPECT_NEAR(Bme280::humidity_percent(trimming, fine, 0x7913), 54.17, 0.01);
}

TEST(Bme280, TakesNegativeHumidityParametersOfTwelveBits) {
  constexpr std::array<std::uint8_t, Bme280::kSecondBytes> kSecond{0x00, 0x80, 0xFF, 0xFF, 0x2F, 0x80, 0xFF};
  Bme280::Trimming trimming;
  Bme280::take_second(trimming, kSecond);
  EXPECT_EQ(trimming.dig_h2, -32768);
  EXPECT_EQ(trimming.dig_h3, 255);
  EXPECT_EQ(trimming.dig_h4, -1);
  EXPECT_EQ(trimming.dig_h5, -2046);
  EXPECT_EQ(trimming.dig_h6, -1);
}

TEST(Bme280, HasNoPressureByParametersThatMakeNoSense) {
  EXPECT_FALSE(Bme280::hectopascals(Bme280::Trimming{}, 128000.0, 415148).has_value());
}

TEST(Bme280, KeepsHumidityBetween0And100) {
  Bme280::Trimming trimming = example();
  trimming.dig_h2 = 362;
  EXPECT_EQ(Bme280::humidity_percent(trimming, 128000.0, 0xFFFF), 100.0);
  trimming.dig_h4 = 315;
  EXPECT_EQ(Bme280::humidity_percent(trimming, 128000.0, 0), 0.0);
}

TEST(Bme280, WaitsTheDataSheetsLongestTimes) {
  EXPECT_EQ(Bme280::longest_measurement(1), Duration{9300});  // 1.25 + 2.3 + 2.3 + 0.575 + 2.3 + 0.575 ms
  EXPECT_EQ(Bme280::longest_measurement(16), Duration{112'800});
}

class Bme280Test : public testing::Test {
 protected:
  void start(double oversampling = 1.0) {
    ASSERT_EQ(bench.start(kBme280, {{"bus", 1.0}, {"periodMs", 500.0}, {"oversampling", oversampling}}), "");
  }
  void expect_the_air() {
    ASSERT_GE(bench.told.size(), 3U);
    const std::size_t last = bench.told.size() - 3;
    for (const std::size_t i : {0U, 1U, 2U})
      ASSERT_TRUE(bench.told[last + i].value.has_value()) << bench.told[last].why;
    EXPECT_NEAR(bench.number(last), bench.world.cabin_celsius(), 0.05);
    EXPECT_NEAR(bench.number(last + 1), bench.world.humidity_percent(), 0.2);
    EXPECT_NEAR(bench.number(last + 2), bench.world.hectopascals(), 0.1);
  }
  void expect_all(std::string_view why) {
    ASSERT_GE(bench.told.size(), 3U);
    for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, why);
  }

  PartBench bench;
};

TEST_F(Bme280Test, MeasuresTheCabinsAir) {
  start();
  bench.run(from_ms(1200));
  ASSERT_EQ(bench.told.size(), 9U);
  expect_the_air();
  EXPECT_NEAR(static_cast<double>(to_ms(bench.told[6].at - bench.told[3].at)), 500.0, 10.0);
}

TEST_F(Bme280Test, MeasuresWithEachOversampling) {
  for (const double oversampling : kBme280Oversampling) {
    PartBench each;
    ASSERT_EQ(each.start(kBme280, {{"bus", 1.0}, {"oversampling", oversampling}}), "");
    each.run(from_ms(300));
    ASSERT_EQ(each.told.size(), 3U) << oversampling;
    EXPECT_NEAR(each.number(0), each.world.cabin_celsius(), 0.05);
    EXPECT_GE(each.told[0].at, Instant{Bme280::longest_measurement(static_cast<int>(oversampling))});
  }
}

TEST_F(Bme280Test, TellsWhichOtherChipItFound) {
  struct Row {
    std::uint8_t id;
    std::string_view why;
  };
  for (const Row& row :
       {Row{0x58, "found chip id 0x58, which is a BMP280: it has no humidity; a BME280 has 0x60"},
        Row{0x61, "found chip id 0x61, which is a BME680: it is read in another way; a BME280 has 0x60"},
        Row{0x00, "found chip id 0x00; a BME280 has 0x60"},
        Row{0xFF, "found chip id 0xff; a BME280 has 0x60"}}) {
    PartBench each;
    each.platform().air_sensor().pose_as(row.id);
    ASSERT_EQ(each.start(kBme280, {{"bus", 1.0}}), "");
    each.run(from_ms(300));
    ASSERT_EQ(each.told.size(), 3U);
    EXPECT_EQ(each.told[2].why, row.why);
  }
}

TEST_F(Bme280Test, MeasuresOnceTheRightChipIsThere) {
  bench.platform().air_sensor().pose_as(0x58);
  start();
  bench.run(from_ms(900));
  bench.platform().air_sensor().pose_as(0x60);
  bench.run(from_ms(3000));
  expect_the_air();
}

TEST_F(Bme280Test, TellsThatItsSupplyBrokeInWhileItMeasured) {
  start(16.0);
  bench.run(from_ms(60));
  bench.platform().air_sensor().lose_power();
  bench.run(from_ms(200));
  expect_all("it did not measure: see to its supply");
  bench.run(from_ms(1500));
  expect_the_air();
}

TEST_F(Bme280Test, DoesNotMindASupplyThatBreaksInBetweenMeasurements) {
  start();
  bench.run(from_ms(250));
  bench.platform().air_sensor().lose_power();
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 6U);
  expect_the_air();
}

TEST_F(Bme280Test, TellsNoReplyAndAHungBusAndRecovers) {
  bench.faults.add({sim::FaultKind::silent, "i2c-1/118", Instant{}, Instant{from_ms(400)}});
  start();
  bench.run(from_ms(300));
  expect_all("no reply");
  bench.run(from_ms(1200));
  expect_the_air();
  bench.forget();
  bench.faults.add({sim::FaultKind::hung, "i2c-1", bench.clock.now(), bench.clock.now() + from_ms(900)});
  bench.run(from_ms(900));
  expect_all("bus stuck or busy");
  bench.run(from_ms(3000));
  expect_the_air();
}

}  // namespace
}  // namespace signalbox::drivers
