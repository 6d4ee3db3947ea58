#include "drivers/ads1115.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(Ads1115, ConvertsTheDataSheetsCodes) {
  EXPECT_EQ(Ads1115::volts(0x7FFF, 2.048), 2.048 * 32767 / 32768);  // "Data Format"
  EXPECT_EQ(Ads1115::volts(0x0001, 2.048), 62.5e-6);
  EXPECT_EQ(Ads1115::volts(0x0000, 2.048), 0.0);
  EXPECT_EQ(Ads1115::volts(0xFFFF, 2.048), -62.5e-6);
  EXPECT_EQ(Ads1115::volts(0x8000, 2.048), -2.048);
  EXPECT_EQ(Ads1115::volts(0x0001, 6.144), 187.5e-6);  // "Full-Scale Range (FSR) and LSB Size"
  EXPECT_EQ(Ads1115::volts(0x0001, 0.256), 7.8125e-6);
}

TEST(Ads1115, ConfiguresTheDataSheetsCodes) {
  // The reset value is AIN0 against AIN1, 2.048 V, single-shot, 128 samples a second.
  EXPECT_EQ(Ads1115::config(0, "0-1", 2.048, 128), 0x8583);
  EXPECT_EQ(Ads1115::config(0, "", 6.144, 8), 0xC103);
  EXPECT_EQ(Ads1115::config(1, "", 4.096, 16), 0xD323);
  EXPECT_EQ(Ads1115::config(2, "0-1", 1.024, 250), 0xE7A3);
  EXPECT_EQ(Ads1115::config(3, "", 0.512, 475), 0xF9C3);
  EXPECT_EQ(Ads1115::config(0, "0-3,1-3,2-3", 0.256, 860), 0x9BE3);
  EXPECT_EQ(Ads1115::config(1, "0-3,1-3,2-3", 0.256, 32), 0xAB43);
  EXPECT_EQ(Ads1115::config(2, "0-3,1-3,2-3", 0.256, 64), 0xBB63);
}

TEST(Ads1115, KnowsPairs) {
  for (const std::string_view right : {"0-1", "0-3", "1-3", "2-3", "0-1,2-3", "0-1,1-3", "0-3,1-3,2-3"})
    EXPECT_TRUE(Ads1115::are_pairs(right)) << right;
  for (const std::string_view wrong :
       {"0-2", "1-2", "3-0", "0-1,", ",0-1", "0-1 2-3", "2-3,0-1", "0-1,0-3", "0", "-", "0-1,,2-3", "4-3"})
    EXPECT_FALSE(Ads1115::are_pairs(wrong)) << wrong;
}

class Ads1115Test : public testing::Test {
 protected:
  void start(double range = 6.144, std::string_view pairs = {}, double rate = 128.0) {
    ASSERT_EQ(bench.start(kAds1115, {{"bus", 1.0},
                                     {"address", 74.0},
                                     {"rangeVolts", range},
                                     {"samplesPerSecond", rate},
                                     {"pairs", device::Text{pairs}},
                                     {"periodMs", 500.0}}),
              "");
  }
  void expect(std::size_t at, std::uint8_t port, double volts) {
    ASSERT_LT(at, bench.told.size());
    EXPECT_EQ(bench.told[at].port, port);
    ASSERT_TRUE(bench.told[at].value.has_value()) << bench.told[at].why;
    EXPECT_NEAR(bench.number(at), volts, 0.03);  // the tank's level moves while it is measured
  }
  double tank() const { return bench.world.tank_fraction() * 5.0; }
  double supply() const { return bench.world.supply_volts() / 10.0; }

  PartBench bench;
};

TEST_F(Ads1115Test, MeasuresOneInputAfterTheOther) {
  start();
  bench.run(from_ms(200));
  ASSERT_EQ(bench.told.size(), 4U);
  expect(0, 0, tank());
  expect(1, 1, supply());
  expect(2, 2, 3.3);
  expect(3, 3, 0.5);
  EXPECT_GT(bench.told[1].at - bench.told[0].at, Duration{7812});  // a conversion lies in between
}

TEST_F(Ads1115Test, MeasuresPairsAndTheRestAgainstGround) {
  start(6.144, "0-1,2-3");
  bench.run(from_ms(200));
  ASSERT_EQ(bench.told.size(), 4U);
  expect(0, 0, tank() - supply());
  expect(1, 1, supply());
  expect(2, 2, 2.8);
  expect(3, 3, 0.5);
}

TEST_F(Ads1115Test, MeasuresAgainstAin3) {
  start(6.144, "0-3,1-3,2-3");
  bench.run(from_ms(200));
  ASSERT_EQ(bench.told.size(), 4U);
  expect(0, 0, tank() - 0.5);
  expect(1, 1, supply() - 0.5);
  expect(2, 2, 2.8);
}

TEST_F(Ads1115Test, ConvertsOnlyInputsThatHaveAChannel) {
  const device::PartSetup setup{.ports = bench.platform().ports(),
                                .settings = {{1.0, 74.0, 6.144, 8.0, device::Text{}, 200.0}},
                                .is_used = {false, true, false, true}};
  ASSERT_EQ(bench.start(kAds1115, setup), "");
  bench.run(from_ms(400));
  ASSERT_EQ(bench.told.size(), 2U);
  expect(0, 1, supply());
  expect(1, 3, 0.5);
}

TEST_F(Ads1115Test, TakesEachRate) {
  for (const double rate : kAds1115Rates) {
    PartBench each;
    ASSERT_EQ(each.start(kAds1115,
                         {{"bus", 1.0}, {"address", 74.0}, {"samplesPerSecond", rate}, {"periodMs", 1000.0}}),
              "");
    each.run(from_ms(700));
    ASSERT_EQ(each.told.size(), 4U) << rate;
    EXPECT_NEAR(each.number(3), 0.5, 0.001);
    EXPECT_GE(each.told[0].at, Instant{Duration{static_cast<int>(1'000'000 / rate)}});
  }
}

TEST_F(Ads1115Test, TellsAVoltageBeyondItsRange) {
  start(0.512);
  bench.run(from_ms(200));
  ASSERT_EQ(bench.told.size(), 4U);
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_EQ(bench.told[i].why, "more than its range");
  expect(3, 3, 0.5);
}

TEST_F(Ads1115Test, TellsThatItsSupplyBrokeInWhileItConverted) {
  start(6.144, {}, 8.0);
  bench.run(from_ms(50));
  bench.platform().converter().lose_power();
  bench.run(from_ms(150));
  ASSERT_EQ(bench.told.size(), 4U);
  for (const PartBench::Told& told : bench.told)
    EXPECT_EQ(told.why, "its configuration reads as 0x8583 after 0xc103 was written: see to its supply");
  bench.forget();
  bench.run(from_ms(2000));
  expect(3, 3, 0.5);
}

TEST_F(Ads1115Test, TellsNoReplyAndAHungBusAndRecovers) {
  bench.faults.add({sim::FaultKind::silent, "i2c-1/74", Instant{}, Instant{from_ms(400)}});
  start();
  bench.run(from_ms(300));
  ASSERT_EQ(bench.told.size(), 4U);
  for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, "no reply");
  bench.run(from_ms(900));
  expect(bench.told.size() - 1, 3, 0.5);
  bench.forget();
  bench.faults.add({sim::FaultKind::hung, "i2c-1", bench.clock.now(), bench.clock.now() + from_ms(900)});
  bench.run(from_ms(900));
  ASSERT_FALSE(bench.told.empty());
  for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, "bus stuck or busy");
  bench.run(from_ms(3000));
  expect(bench.told.size() - 1, 3, 0.5);
}

}  // namespace
}  // namespace signalbox::drivers
