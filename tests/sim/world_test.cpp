#include "sim/world.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

Instant at_s(double seconds) { return Instant{Duration{static_cast<Duration::rep>(seconds * 1e6)}}; }

TEST(World, TheHeaterWarmsTheCabinAsOneExpects) {
  World world;
  world.advance(at_s(60));
  const double before = world.cabin_celsius();
  world.heat(true);
  world.advance(at_s(63));
  EXPECT_GT(world.cabin_celsius(), before + 0.0625);  // to be seen by the sensor within seconds
  world.advance(at_s(120));
  EXPECT_GT(world.cabin_celsius(), before + 3.0);
  EXPECT_LT(world.cabin_celsius(), before + 8.0);
  world.advance(at_s(3600));
  EXPECT_GT(world.cabin_celsius(), 35.0);
  EXPECT_LT(world.cabin_celsius(), 60.0);
}

TEST(World, TheCabinCoolsDownAgain) {
  World world;
  world.heat(true);
  world.advance(at_s(600));
  const double hot = world.cabin_celsius();
  world.heat(false);
  world.advance(at_s(1200));
  EXPECT_LT(world.cabin_celsius(), hot - 10.0);
  EXPECT_GT(world.cabin_celsius(), world.ambient_celsius() - 1.0);
}

TEST(World, FanAndDoorLetHeatOut) {
  World shut;
  World fan;
  World door;
  for (World* world : {&shut, &fan, &door}) {
    world->hold_door(world == &door);
    world->heat(true);
  }
  fan.ventilate(1.0);
  for (World* world : {&shut, &fan, &door}) world->advance(at_s(300));
  EXPECT_LT(fan.cabin_celsius(), shut.cabin_celsius() - 3.0);
  EXPECT_LT(door.cabin_celsius(), shut.cabin_celsius() - 3.0);
}

TEST(World, IsTheSameHoweverOftenItIsAsked) {
  World seldom;
  World often;
  for (World* world : {&seldom, &often}) world->heat(true);
  seldom.advance(at_s(100));
  for (int ms = 0; ms <= 100'000; ms += 7) often.advance(Instant{from_ms(ms)});
  often.advance(at_s(100));
  EXPECT_EQ(seldom.cabin_celsius(), often.cabin_celsius());
  EXPECT_EQ(seldom.tank_fraction(), often.tank_fraction());
}

TEST(World, TheDoorKeepsItsScheduleUnlessHeld) {
  World world;
  int open = 0;
  for (int second = 1; second <= 180; ++second) {
    world.advance(at_s(second));
    if (world.door_open()) ++open;
  }
  EXPECT_EQ(open, 16);
  world.hold_door(true);
  world.advance(at_s(181));
  EXPECT_TRUE(world.door_open());
  world.hold_door(std::nullopt);
  world.advance(at_s(182));
  EXPECT_FALSE(world.door_open());
}

TEST(World, TheTankComesAndGoesInWaves) {
  World world;
  double low = 1.0;
  double high = 0.0;
  for (int second = 0; second < 300; ++second) {
    world.advance(at_s(second));
    low = std::min(low, world.tank_fraction());
    high = std::max(high, world.tank_fraction());
  }
  EXPECT_GT(low, 0.1);
  EXPECT_LT(low, 0.3);
  EXPECT_GT(high, 0.7);
  EXPECT_LT(high, 0.9);
}

TEST(World, TakesALeapInBoundedTime) {
  World world;
  world.heat(true);
  world.advance(at_s(1e9));
  EXPECT_GT(world.cabin_celsius(), 30.0);
  EXPECT_LT(world.cabin_celsius(), 60.0);
  EXPECT_GT(world.next_step(at_s(1e9)), at_s(1e9));
}

}  // namespace
}  // namespace signalbox::sim
