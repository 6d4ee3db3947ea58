#include "sim/twins/can_signal.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim::twins {
namespace {

TEST(TwinCanSignal, TellsEachValueInItsOrder) {
  bool door_open = true;
  const CanSignal charger{{[] { return 24.5; }, [] { return -5.5; }, [&] { return door_open; }}};
  // 2450 is 0x0992, and -55 is 0xFFC9.
  EXPECT_EQ(charger.bytes(), (CanSignal::Bytes{0x92, 0x09, 0xFF, 0xC9, 0x01}));
  door_open = false;
  EXPECT_EQ(charger.bytes(), (CanSignal::Bytes{0x92, 0x09, 0xFF, 0xC9, 0x00}));
}

TEST(TwinCanSignal, TellsTenTimesASecond) {
  CanSignal charger{{[] { return 0.0; }, [] { return 0.0; }, [] { return false; }}};
  EXPECT_EQ(charger.told(Instant{from_ms(99)}), 0);
  EXPECT_EQ(charger.told(Instant{from_ms(1000)}), 10);
  EXPECT_EQ(charger.size(), 5U);
  charger.cut(2);
  EXPECT_EQ(charger.size(), 2U);
}

}  // namespace
}  // namespace signalbox::sim::twins
