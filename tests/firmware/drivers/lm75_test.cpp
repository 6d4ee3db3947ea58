#include "drivers/lm75.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(Lm75, ConvertsTheDataSheetsExamples) {
  struct Row {
    std::uint16_t temperature;
    unsigned bits;
    double celsius;
  };
  for (const Row& row :
       {// LM75, SNOS808
        Row{0x7D00, 9, 125.0}, Row{0x1900, 9, 25.0}, Row{0x0080, 9, 0.5}, Row{0x0000, 9, 0.0},
        Row{0xFF80, 9, -0.5}, Row{0xE700, 9, -25.0}, Row{0xC900, 9, -55.0},
        // LM75B, table 10
        Row{0x7F00, 11, 127.0}, Row{0x7EE0, 11, 126.875}, Row{0x7EA0, 11, 126.625}, Row{0x0020, 11, 0.125},
        Row{0xFFE0, 11, -0.125}, Row{0xC920, 11, -54.875},
        // a TMP75 of 12 bits
        Row{0x0010, 12, 0.0625}, Row{0xFFF0, 12, -0.0625}, Row{0x3200, 12, 50.0},
        // what is below the last bit means nothing
        Row{0x197F, 9, 25.0}, Row{0xE77F, 9, -25.0}, Row{0x193F, 11, 25.125}, Row{0x191F, 12, 25.0625}})
    EXPECT_EQ(Lm75::celsius(row.temperature, row.bits), row.celsius) << std::hex << row.temperature;
}

TEST(Lm75, ReadsWhatItIsOutside) {
  PartBench bench;
  ASSERT_EQ(bench.start(kLm75, {{"bus", 1.0}, {"address", 79.0}, {"periodMs", 500.0}}), "");
  bench.run(from_ms(1100));
  ASSERT_EQ(bench.told.size(), 3U);
  EXPECT_NEAR(bench.number(2), bench.world.ambient_celsius(), 0.5);
  EXPECT_EQ(std::fmod(bench.number(2), 0.5), 0.0);
}

TEST(Lm75, TellsAnAddressWithoutChip) {
  PartBench bench;
  ASSERT_EQ(bench.start(kLm75, {{"bus", 1.0}, {"address", 78.0}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "no reply");
}

}  // namespace
}  // namespace signalbox::drivers
