#include "drivers/tmp102.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

Instant at_ms(std::int64_t ms) { return Instant{from_ms(ms)}; }

TEST(Tmp102, ConvertsTheDataSheetsExamples) {
  struct Row {
    std::uint16_t temperature;
    double celsius;
  };
  for (const Row& row :
       {Row{0x7FF0, 127.9375}, Row{0x6400, 100.0}, Row{0x5000, 80.0}, Row{0x4B00, 75.0}, Row{0x3200, 50.0},
        Row{0x1900, 25.0}, Row{0x0040, 0.25}, Row{0x0000, 0.0}, Row{0xFFC0, -0.25}, Row{0xE700, -25.0},
        Row{0xC900, -55.0},
        // 13 bits, marked by the lowest one
        Row{0x4B01, 150.0}, Row{0x4001, 128.0}, Row{0x0C81, 25.0}, Row{0xFFE1, -0.25}, Row{0xE481, -55.0}})
    EXPECT_EQ(Tmp102::celsius(row.temperature), row.celsius) << std::hex << row.temperature;
}

TEST(Tmp102, ReadsTheCabinEveryPeriod) {
  PartBench bench;
  ASSERT_EQ(bench.start(kTmp102, {{"bus", 1.0}, {"address", 72.0}, {"periodMs", 500.0}}), "");
  bench.run(from_ms(2100));
  ASSERT_EQ(bench.told.size(), 5U);  // at 0, 500, 1000, 1500, 2000 ms
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(bench.number(i), bench.world.cabin_celsius(), 0.2);
  EXPECT_EQ(bench.told[4].at - bench.told[3].at, from_ms(500));
}

TEST(Tmp102, ShowsTheHeaterWithinSeconds) {
  PartBench bench;
  ASSERT_EQ(bench.start(kTmp102, {{"bus", 1.0}, {"periodMs", 500.0}}), "");
  bench.run(from_ms(1000));
  const double before = std::get<double>(*bench.told.back().value);
  bench.platform().heater().coil().drive(bench.clock.now(), true);
  bench.run(from_ms(6000));
  EXPECT_GE(std::get<double>(*bench.told.back().value), before + 0.0625);
}

TEST(Tmp102, TellsAnAddressWithoutChipAndRetriesMoreAndMoreSeldom) {
  PartBench bench;
  ASSERT_EQ(bench.start(kTmp102, {{"bus", 1.0}, {"address", 75.0}, {"periodMs", 1000.0}}), "");
  bench.run(from_ms(100'000));
  ASSERT_GE(bench.told.size(), 5U);
  for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, "no reply");
  std::vector<std::int64_t> seconds;
  for (std::size_t i = 1; i < bench.told.size(); ++i)
    seconds.push_back((to_ms(bench.told[i].at - bench.told[i - 1].at) + 500) / 1000);
  EXPECT_EQ(seconds, (std::vector<std::int64_t>{2, 4, 8, 16, 30, 30}));
}

TEST(Tmp102, RecoversWithTheBus) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::hung, "i2c-1", at_ms(900), at_ms(3000)});
  ASSERT_EQ(bench.start(kTmp102, {{"bus", 1.0}, {"periodMs", 500.0}}), "");
  bench.run(from_ms(900));
  ASSERT_EQ(bench.told.size(), 2U);
  bench.forget();
  bench.run(from_ms(2000));
  ASSERT_FALSE(bench.told.empty());
  for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, "bus stuck or busy");
  bench.forget();
  bench.run(from_ms(4000));
  ASSERT_FALSE(bench.told.empty());
  EXPECT_TRUE(bench.told.back().value.has_value());
  EXPECT_EQ(bench.told.back().at - bench.told[bench.told.size() - 2].at, from_ms(500));
}

TEST(Tmp102, TellsABusError) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "i2c-1/72", at_ms(0), at_ms(1000)});
  ASSERT_EQ(bench.start(kTmp102, {{"bus", 1.0}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "bus refused");
}

TEST(Tmp102, TellsAFullBus) {
  PartBench bench;
  std::array<hal::I2cTransfer, 8> others{};
  for (hal::I2cTransfer& transfer : others) {
    transfer.address = 72;
    transfer.read_bytes = 2;
    ASSERT_TRUE(bench.platform().ports().i2c_buses[1]->submit(transfer));
  }
  ASSERT_EQ(bench.start(kTmp102, {{"bus", 1.0}}), "");
  bench.run(from_ms(0));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "bus refused");
  bench.run(from_ms(3000));
  EXPECT_TRUE(bench.told.back().value.has_value());
}

TEST(Tmp102, NeedsItsBus) {
  for (const double bus : {0.0, 2.0, 15.0}) {
    PartBench bench;
    EXPECT_EQ(bench.start(kTmp102, {{"bus", bus}}), "the board has no I2C bus of that number");
  }
}

}  // namespace
}  // namespace signalbox::drivers
