#include "sim/twins/relay.hpp"

#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

TEST(TwinRelay, ItsContactFollowsTheCoil) {
  Relay relay;
  relay.coil().drive(at(100), true);
  EXPECT_TRUE(relay.coil().level(at(100)));
  EXPECT_FALSE(relay.sense().level(at(107)));
  EXPECT_TRUE(relay.sense().level(at(108)));
  relay.coil().drive(at(200), true);  // nothing new
  EXPECT_TRUE(relay.closed(at(201)));
  relay.coil().drive(at(300), false);
  EXPECT_TRUE(relay.closed(at(307)));
  EXPECT_FALSE(relay.closed(at(308)));
}

TEST(TwinRelay, APulseTooShortMovesNothing) {
  Relay relay;
  relay.coil().drive(at(100), true);
  relay.coil().drive(at(104), false);
  for (int ms = 100; ms < 130; ++ms) EXPECT_FALSE(relay.closed(at(ms)));
}

TEST(TwinRelay, AWeldedContactStaysClosed) {
  Relay relay;
  relay.weld(true);
  EXPECT_FALSE(relay.coil().level(at(100)));
  EXPECT_TRUE(relay.sense().level(at(100)));
  EXPECT_TRUE(relay.closed(at(100)));
}

}  // namespace
}  // namespace signalbox::sim::twins
