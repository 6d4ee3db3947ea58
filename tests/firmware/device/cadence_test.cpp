#include "device/cadence.hpp"

#include <gtest/gtest.h>

namespace signalbox::device {
namespace {

Instant at(std::int64_t ms) { return Instant{from_ms(ms)}; }

TEST(Cadence, BeginsAtOnceAndKeepsItsRhythm) {
  Cadence cadence{from_ms(100)};
  EXPECT_TRUE(cadence.is_due(at(0)));
  cadence.begin(at(7));
  EXPECT_FALSE(cadence.is_due(at(106)));
  EXPECT_TRUE(cadence.is_due(at(107)));
  cadence.begin(at(130));  // late
  EXPECT_EQ(cadence.next(), at(207));
}

TEST(Cadence, SkipsWhatWasMissed) {
  Cadence cadence{from_ms(100)};
  cadence.begin(at(0));
  cadence.begin(at(1030));
  EXPECT_EQ(cadence.next(), at(1100)) << "in step with those that began with it";
}

TEST(Cadence, BacksOffWhileItFails) {
  Cadence cadence{from_ms(100)};
  Instant now = at(0);
  for (const std::int64_t pause_ms : {200, 400, 800, 1600, 3200, 3200}) {
    cadence.begin(now);
    cadence.failed(now);
    EXPECT_EQ(cadence.next() - now, from_ms(pause_ms));
    now = cadence.next();
  }
  cadence.begin(now);
  cadence.succeeded();
  EXPECT_EQ(cadence.next() - now, from_ms(100));
  cadence.failed(now);
  EXPECT_EQ(cadence.next() - now, from_ms(200));
}

TEST(Cadence, NeverWaitsBeyondHalfAMinuteOrItsPeriod) {
  Cadence slow{from_ms(10'000)};
  slow.begin(at(0));
  slow.failed(at(0));
  slow.failed(at(0));
  EXPECT_EQ(slow.next(), at(30'000));
  Cadence slower{from_ms(60'000)};
  slower.begin(at(0));
  slower.failed(at(0));
  EXPECT_EQ(slower.next(), at(60'000));
}

TEST(Cadence, AnOutputIsReadBackTwiceASecondAtLeastUnlessItsPeriodIsLonger) {
  Cadence quick{from_ms(100), Cadence::kOfOutput};
  Instant now = at(0);
  for (const std::int64_t pause_ms : {200, 400, 500, 500}) {
    quick.begin(now);
    quick.failed(now);
    EXPECT_EQ(quick.next() - now, from_ms(pause_ms));
    now = quick.next();
  }
  Cadence slow{from_ms(2000), Cadence::kOfOutput};
  slow.begin(at(0));
  slow.failed(at(0));
  EXPECT_EQ(slow.next(), at(2000));
}

}  // namespace
}  // namespace signalbox::device
