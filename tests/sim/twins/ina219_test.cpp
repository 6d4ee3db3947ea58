#include "sim/twins/ina219.hpp"

#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

class TwinIna219Test : public testing::Test {
 protected:
  std::uint16_t read(Instant when, std::uint8_t pointer) {
    std::array<std::uint8_t, 2> bytes{};
    EXPECT_TRUE(chip.write(when, std::array{pointer}));
    EXPECT_TRUE(chip.read(when, bytes));
    return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
  }
  void write(Instant when, std::uint8_t pointer, unsigned word) {
    EXPECT_TRUE(chip.write(
        when, std::array{pointer, static_cast<std::uint8_t>(word >> 8U), static_cast<std::uint8_t>(word)}));
  }

  double bus = 11.98;
  double shunt = 0.02;
  Ina219 chip{[this] { return bus; }, [this] { return shunt; }};
};

TEST_F(TwinIna219Test, HasTheDataSheetsResetValues) {
  EXPECT_EQ(read(at(0), 0), 0x399F);
  for (std::uint8_t pointer = 3; pointer <= 5; ++pointer) EXPECT_EQ(read(at(0), pointer), 0) << int{pointer};
}

TEST_F(TwinIna219Test, TellsTheDataSheetsExample) {
  // Section 9.2.2.1: 10 A through 2 mΩ at 12 V.
  write(at(0), 0, 0x019F);
  write(at(0), 5, 0x5000);
  EXPECT_EQ(read(at(2), 1), 0x07D0);
  EXPECT_EQ(read(at(2), 2), 0x5D98 | 2);  // CNVR
  EXPECT_EQ(read(at(2), 4), 0x2710);
  EXPECT_EQ(read(at(2), 3), 0x1766);
}

TEST_F(TwinIna219Test, TellsThatAConversionIsReadyUntilThePowerIsRead) {
  write(at(0), 0, 0x3C47);
  EXPECT_EQ(read(at(1), 2) & 2, 0);  // 1.064 ms
  EXPECT_EQ(read(at(2), 2) & 2, 2);
  EXPECT_EQ(read(at(2), 2) & 2, 2);
  (void)read(at(2), 3);
  EXPECT_EQ(read(at(2), 2) & 2, 0);
  EXPECT_EQ(read(at(4), 2) & 2, 2);
  write(at(4), 0, 0x3C47);
  EXPECT_EQ(read(at(4), 2) & 2, 0);
}

TEST_F(TwinIna219Test, TakesLongerForAnAverage) {
  write(at(0), 0, 0x3FFF);  // 128 of both
  EXPECT_EQ(read(at(136), 2) & 2, 0);
  EXPECT_EQ(read(at(137), 2) & 2, 2);
}

TEST_F(TwinIna219Test, ClipsAndOverflows) {
  shunt = -0.05;
  write(at(0), 0, 0x019F);  // 40 mV, 16 V
  bus = 20.0;
  EXPECT_EQ(read(at(2), 1), 0xF060);
  EXPECT_EQ(read(at(2), 2), 16000 * 2 | 2);
  write(at(2), 5, 0xFFFF);
  EXPECT_EQ(read(at(4), 5), 0xFFFE);
  EXPECT_EQ(read(at(4), 2) & 1, 1);
}

TEST_F(TwinIna219Test, ForgetsAllWithItsSupplyAndAtAReset) {
  write(at(0), 0, 0x3C47);
  write(at(0), 5, 0x5000);
  chip.lose_power();
  EXPECT_EQ(read(at(1), 0), 0x399F);
  EXPECT_EQ(read(at(1), 5), 0);
  write(at(2), 5, 0x5000);
  write(at(2), 0, 0x8000);
  EXPECT_EQ(read(at(3), 0), 0x399F);
  EXPECT_EQ(read(at(3), 5), 0);
}

}  // namespace
}  // namespace signalbox::sim::twins
