#include "sim/storm/storm.hpp"

#include <gtest/gtest.h>
#include <string>

namespace signalbox::sim::storm {
namespace {

std::uint64_t trace_of(std::uint64_t seed) {
  Trace trace;
  run(seed, Sabotage::none, trace);
  EXPECT_FALSE(trace.failed()) << trace.broken();
  return trace.hash();
}

TEST(Storm, SameSeedSameTrace) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::uint64_t first = trace_of(seed);
    trace_of(seed + 1000);  // leaves the shared memory in another state
    EXPECT_EQ(trace_of(seed), first) << "seed " << seed;
  }
}

TEST(Storm, DifferentSeedsDiffer) {
  EXPECT_NE(trace_of(1), trace_of(2));
  EXPECT_NE(trace_of(2), trace_of(3));
}

/// One way to break a promise, and a word of the invariant that must notice.
struct Broken {
  Sabotage sabotage;
  const char* words;
  std::uint64_t seeds = 60;
};

class SabotagedStorm : public testing::TestWithParam<Broken> {};

TEST_P(SabotagedStorm, IsNoticed) {
  // Not every run comes to the point where it matters; of so many some must.
  constexpr int kEnough = 5;
  int noticed = 0;
  for (std::uint64_t seed = 1; seed <= GetParam().seeds && noticed < kEnough; ++seed) {
    Trace trace;
    run(seed, GetParam().sabotage, trace);
    if (trace.broken().find(GetParam().words) != std::string::npos) ++noticed;
  }
  EXPECT_EQ(noticed, kEnough) << GetParam().words;
}

INSTANTIATE_TEST_SUITE_P(EveryWay, SabotagedStorm,
                         testing::Values(Broken{Sabotage::swallow, "never answered"},
                                         Broken{Sabotage::swallow_http, "closed, but never answered"},
                                         Broken{Sabotage::repeat, "answered again"},
                                         Broken{Sabotage::forget, "sessions for"},
                                         Broken{Sabotage::lose, "still takes"},
                                         Broken{Sabotage::delay, "offset went back"},
                                         Broken{Sabotage::late_relay, "after its deadline"},
                                         Broken{Sabotage::deaf_relay, "never moved"},
                                         Broken{Sabotage::lying_store, "told to be revoked"},
                                         Broken{Sabotage::no_interlocks, "on together", 300},
                                         Broken{Sabotage::no_leases, "without a lease", 300},
                                         Broken{Sabotage::half_scenes, "all or none", 300},
                                         Broken{Sabotage::no_override, "with the door open", 300},
                                         Broken{Sabotage::no_wired_stop, "must be stopped", 300},
                                         Broken{Sabotage::patient_stop, "must be stopped", 900},
                                         Broken{Sabotage::no_least_times, "too soon", 300},
                                         Broken{Sabotage::no_versions, "its version was stale", 300}));

}  // namespace
}  // namespace signalbox::sim::storm
