#include "sim/twins/mcp3008.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace signalbox::sim::twins {
namespace {

class TwinMcp3008Test : public testing::Test {
 protected:
  std::vector<unsigned> exchange(const std::vector<std::uint8_t>& in, std::uint8_t mode = 0) {
    std::vector<std::uint8_t> out(in.size(), 0xFF);
    chip.exchange(mode, in, out);
    return {out.begin(), out.end()};
  }

  std::array<double, 8> volts{5.0 * 0x155 / 1024, 1.0, 0, 0, 0, 0, 0, 9.9};
  Mcp3008 chip{{[this] { return volts[0]; }, [this] { return volts[1]; }, [this] { return volts[2]; },
                [this] { return volts[3]; }, [this] { return volts[4]; }, [this] { return volts[5]; },
                [this] { return volts[6]; }, [this] { return volts[7]; }}};
};

using Bytes = std::vector<unsigned>;

TEST_F(TwinMcp3008Test, TellsItsResultBothWaysAndThenZeros) {
  // The data sheet's Figure 6-1, and the bytes behind it: 01 0101 0101 and 1 0101 0101 backwards.
  EXPECT_EQ(exchange({0x01, 0x80, 0x00, 0x00, 0x00, 0x00}), (Bytes{0xFF, 0xF9, 0x55, 0x55, 0x00, 0x00}));
}

TEST_F(TwinMcp3008Test, BeginsAtTheStartBitWhereverItIs) {
  EXPECT_EQ(exchange({0xC0, 0x00, 0x00}), (Bytes{0xFC, 0xAA, 0xAA}));
  EXPECT_EQ(exchange({0x00, 0x01, 0x80, 0x00}), (Bytes{0xFF, 0xFF, 0xF9, 0x55}));
  EXPECT_EQ(exchange({0x00, 0x00}), (Bytes{0xFF, 0xFF}));
}

TEST_F(TwinMcp3008Test, KeepsWithinItsRange) {
  EXPECT_EQ(exchange({0x01, 0xF0, 0x00}), (Bytes{0xFF, 0xFB, 0xFF}));
  EXPECT_EQ(exchange({0x01, 0xA0, 0x00}), (Bytes{0xFF, 0xF8, 0x00}));
}

TEST_F(TwinMcp3008Test, MeasuresDifferences) {
  volts[0] = 1.0 + 5.0 / 1024 * 2.5;
  EXPECT_EQ(exchange({0x01, 0x00, 0x00}), (Bytes{0xFF, 0xF8, 0x02}));
  EXPECT_EQ(exchange({0x01, 0x10, 0x00}), (Bytes{0xFF, 0xF8, 0x00}));
  volts[0] = 0.5;
  EXPECT_EQ(exchange({0x01, 0x10, 0x00}), (Bytes{0xFF, 0xF8, 0x66}));
}

TEST_F(TwinMcp3008Test, TakesTwoOfTheFourModes) {
  EXPECT_EQ(exchange({0x01, 0xF0, 0x00}, 3), (Bytes{0xFF, 0xFB, 0xFF}));
  EXPECT_EQ(exchange({0x01, 0xA0, 0x00}, 1), (Bytes{0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(exchange({0x01, 0xA0, 0x00}, 2), (Bytes{0xFF, 0xFF, 0xFF}));
}

}  // namespace
}  // namespace signalbox::sim::twins
