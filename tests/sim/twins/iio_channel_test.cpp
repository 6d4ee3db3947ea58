#include "sim/twins/iio_channel.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim::twins {
namespace {

TEST(TwinIioChannel, ShowsTwelveBits) {
  double volts = 1.0;
  IioChannel channel{[&volts] { return volts; }};
  EXPECT_NEAR(*channel.value(), 1.0, 3.3 / 4096.0);
  volts = -1.0;
  EXPECT_EQ(channel.value(), 0.0);
  volts = 5.0;
  EXPECT_EQ(channel.value(), 4095.0 / 4096.0 * 3.3);
}

}  // namespace
}  // namespace signalbox::sim::twins
