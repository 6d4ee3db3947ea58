#include "device/channel.hpp"

#include <gtest/gtest.h>

namespace signalbox::device {
namespace {

TEST(Channel, CalibratesBothWays) {
  Channel channel;
  channel.scale = 20.0;
  channel.offset = -5.0;
  EXPECT_EQ(channel.calibrate(2.5), Value{45.0});
  EXPECT_EQ(channel.uncalibrate(45.0), Value{2.5});
}

TEST(Channel, LeavesOtherKindsAlone) {
  Channel channel;
  channel.scale = 20.0;
  for (const Value& value : {Value{true}, Value{Text{"on"}}, Value{EnumIndex{3}}}) {
    EXPECT_EQ(channel.calibrate(value), value);
    EXPECT_EQ(channel.uncalibrate(value), value);
  }
}

}  // namespace
}  // namespace signalbox::device
