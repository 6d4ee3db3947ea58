#include "sim/twins/pulse_counter.hpp"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

using Told = std::vector<std::pair<Instant, bool>>;

Told watched(PulseCounter& meter, std::int64_t from, std::int64_t to) {
  Told told;
  meter.watch(at(from), at(to), [&told](Instant when, bool level) { told.emplace_back(when, level); });
  return told;
}

TEST(TwinPulseCounter, GivesAPulseForEachPart) {
  double litres = 0.0;
  PulseCounter meter{2.0, [&litres] { return litres; }};
  meter.pull(true);
  EXPECT_TRUE(watched(meter, 0, 100).empty());
  litres = 1.0;
  EXPECT_EQ(watched(meter, 100, 300), (Told{{at(200), false}, {at(230), true}, {at(300), false}}));
  EXPECT_FALSE(meter.level(at(310)));
  EXPECT_EQ(watched(meter, 300, 400), (Told{{at(330), true}}));
  EXPECT_EQ(meter.pulses(), 2U);
}

TEST(TwinPulseCounter, RestsBetweenPulsesAndCatchesUp) {
  double litres = 0.0;
  PulseCounter meter{1.0, [&litres] { return litres; }};
  meter.pull(true);
  litres = 3.0;
  watched(meter, 0, 3);
  EXPECT_EQ(watched(meter, 3, 200),
            (Told{{at(31), true}, {at(61), false}, {at(91), true}, {at(121), false}, {at(151), true}}));
  EXPECT_EQ(meter.pulses(), 3U);
}

TEST(TwinPulseCounter, IsLowWhereNothingPullsItUp) {
  double litres = 0.0;
  PulseCounter meter{1.0, [&litres] { return litres; }};
  litres = 1.0;
  for (const auto& [when, level] : watched(meter, 0, 1000)) EXPECT_FALSE(level);
  EXPECT_FALSE(meter.level(at(1000)));
  EXPECT_EQ(meter.pulses(), 1U);
}

}  // namespace
}  // namespace signalbox::sim::twins
