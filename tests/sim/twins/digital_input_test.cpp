#include "sim/twins/digital_input.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim::twins {
namespace {

TEST(TwinDigitalInput, ShowsTheWorldAndCannotBeDriven) {
  bool open = false;
  DigitalInput input{[&open] { return open; }};
  EXPECT_FALSE(input.level(Instant{}));
  input.drive(Instant{}, true);
  EXPECT_FALSE(input.level(Instant{}));
  open = true;
  EXPECT_TRUE(input.level(Instant{}));
}

}  // namespace
}  // namespace signalbox::sim::twins
