#include "drivers/ina219.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(Ina219, CalibratesAsTheDataSheetsExample) {
  EXPECT_EQ(Ina219::calibration(0.001, 0.002), 0x5000);  // section 9.2.2.1: 1 mA a step through 2 mΩ
  EXPECT_EQ(Ina219::calibration(0.0001, 0.1), 4096);
  EXPECT_EQ(Ina219::calibration(0.04 / 32768, 1.0), 33554);
  EXPECT_EQ(Ina219::calibration(0.08 / 32768, 1.0), 16776);  // 16777, whose lowest bit cannot be set
  EXPECT_EQ(Ina219::calibration(1e-9, 1e-3), 0xFFFE);
}

TEST(Ina219, ConvertsTheBusVoltageOfTheDataSheetsExample) {
  EXPECT_DOUBLE_EQ(Ina219::bus_volts(0x5D98), 11.98);
  EXPECT_DOUBLE_EQ(Ina219::bus_volts(0x5D98 | 3), 11.98);  // CNVR and OVF are no voltage
  EXPECT_DOUBLE_EQ(Ina219::bus_volts(0xFA00), 32.0);
}

class Ina219Test : public testing::Test {
 protected:
  using Named = PartBench::Named;

  /// At the heater's supply, whose shunt has 0.01 ohms.
  void start(double amperes_max = 16.0, double averages = 1.0) {
    ASSERT_EQ(bench.start(kIna219, {{"bus", 1.0},
                                    {"shuntOhms", 0.01},
                                    {"maxAmperes", amperes_max},
                                    {"averages", averages},
                                    {"periodMs", 500.0}}),
              "");
  }
  void expect_the_supply() {
    ASSERT_GE(bench.told.size(), 3U);
    const std::size_t last = bench.told.size() - 3;
    for (const std::size_t i : {0U, 1U, 2U})
      ASSERT_TRUE(bench.told[last + i].value.has_value()) << bench.told[last + i].why;
    EXPECT_NEAR(bench.number(last), bench.world.supply_volts(), 0.002);
    EXPECT_NEAR(bench.number(last + 1), bench.world.heater_amperes(), 0.002);
    EXPECT_NEAR(bench.number(last + 2), bench.world.supply_volts() * bench.world.heater_amperes(), 0.1);
  }
  void heat() { bench.platform().heater().coil().drive(bench.clock.now(), true); }

  PartBench bench;
};

TEST_F(Ina219Test, MeasuresWhatTheHeaterDraws) {
  start();
  bench.run(from_ms(700));
  ASSERT_EQ(bench.told.size(), 6U);
  expect_the_supply();
  EXPECT_EQ(bench.number(4), 0.0);
  heat();
  bench.run(from_ms(1000));
  expect_the_supply();
  EXPECT_GT(bench.number(bench.told.size() - 2), 14.0);
}

TEST_F(Ina219Test, TakesEachAverage) {
  for (const double averages : kIna219Averages) {
    PartBench each;
    ASSERT_EQ(each.start(kIna219, {{"bus", 1.0}, {"averages", averages}}), "");
    each.run(from_ms(500));
    ASSERT_EQ(each.told.size(), 3U) << averages;
    EXPECT_NEAR(each.number(0), each.world.supply_volts(), 0.002);
    EXPECT_GE(each.told[0].at, Instant{from_ms(1) * static_cast<int>(averages)});
  }
}

TEST_F(Ina219Test, TellsACurrentBeyondItsRange) {
  start(3.0);  // 40 mV are 4 A
  heat();
  bench.run(from_ms(800));
  ASSERT_GE(bench.told.size(), 6U);
  EXPECT_NEAR(bench.number(3), bench.world.supply_volts(), 0.002);
  EXPECT_EQ(bench.told[4].why, "more than its range");
  EXPECT_EQ(bench.told[5].why, "more than its range");
  bench.platform().heater().coil().drive(bench.clock.now(), false);
  bench.run(from_ms(1000));
  expect_the_supply();
}

TEST_F(Ina219Test, RefusesACurrentThatItsShuntMakesTooMuchOf) {
  EXPECT_EQ(bench.start(kIna219, {{"bus", 1.0}, {"shuntOhms", 0.1}, {"maxAmperes", 5.0}}),
            "5 A through 0.1 ohms make 0.5 V; the INA219 takes 0.32 V");
  PartBench fits;
  EXPECT_EQ(fits.start(kIna219, {{"bus", 1.0}, {"shuntOhms", 0.1}, {"maxAmperes", 3.2}}), "");
}

TEST_F(Ina219Test, ConfiguresItAgainAfterItsSupplyBrokeIn) {
  start();
  heat();
  bench.run(from_ms(700));
  bench.platform().supply_monitor().lose_power();
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 9U);  // no reading was lost
  expect_the_supply();
  EXPECT_GT(bench.number(7), 14.0);
}

TEST_F(Ina219Test, TellsWhatForgetsItsConfiguration) {
  bench.platform().supply_monitor().forget_writes();
  start();
  bench.run(from_ms(100));
  ASSERT_EQ(bench.told.size(), 3U);
  EXPECT_EQ(bench.told[0].why,
            "its configuration reads as 0x399f after 0x3447 was written: is it an INA219?");
}

TEST_F(Ina219Test, TellsNoReplyAndAHungBusAndRecovers) {
  bench.faults.add({sim::FaultKind::silent, "i2c-1/64", Instant{}, Instant{from_ms(400)}});
  start();
  bench.run(from_ms(300));
  ASSERT_EQ(bench.told.size(), 3U);
  for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, "no reply");
  bench.run(from_ms(1200));
  expect_the_supply();
  bench.forget();
  bench.faults.add({sim::FaultKind::hung, "i2c-1", bench.clock.now(), bench.clock.now() + from_ms(900)});
  bench.run(from_ms(900));
  ASSERT_FALSE(bench.told.empty());
  for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, "bus stuck or busy");
  bench.run(from_ms(3000));
  expect_the_supply();
}

}  // namespace
}  // namespace signalbox::drivers
