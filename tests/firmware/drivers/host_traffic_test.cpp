#include "drivers/host_traffic.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/fake_machine.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(HostTraffic, MakesRatesOfCounters) {
  FakeMachine machine;
  machine.traffic_now = hal::Host::Traffic{1000, 500};
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostTraffic, {{"periodMs", 2000.0}}), "");
  bench.run(from_ms(1000));
  EXPECT_TRUE(bench.told.empty());  // one look makes no rate
  machine.traffic_now = hal::Host::Traffic{5000, 700};
  bench.run(from_ms(1500));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_DOUBLE_EQ(bench.number(0), 2000.0);
  EXPECT_DOUBLE_EQ(bench.number(1), 100.0);
}

TEST(HostTraffic, TellsACounterThatWentBackAndGoesOnFromThere) {
  FakeMachine machine;
  machine.traffic_now = hal::Host::Traffic{5000, 100};
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostTraffic, {{"periodMs", 1000.0}}), "");
  bench.run(from_ms(500));
  machine.traffic_now = hal::Host::Traffic{10, 200};
  bench.run(from_ms(1000));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].why, "counter went back");
  EXPECT_DOUBLE_EQ(bench.number(1), 100.0);
  machine.traffic_now = hal::Host::Traffic{60, 200};
  bench.run(from_ms(1000));
  EXPECT_DOUBLE_EQ(bench.number(2), 50.0);
}

TEST(HostTraffic, TellsWhatItCannotReadAndStartsAnew) {
  FakeMachine machine;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostTraffic, {{"periodMs", 1000.0}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].why, "network counters not readable");
  EXPECT_EQ(bench.told[1].port, 1);
  machine.traffic_now = hal::Host::Traffic{1'000'000, 1'000'000};
  bench.run(from_ms(1000));
  EXPECT_EQ(bench.told.size(), 2U);
}

TEST(HostTraffic, NeedsAMachineToRead) {
  PartBench bench;
  EXPECT_EQ(bench.start(kHostTraffic, {}, false, {}), "this board offers no readings of its machine");
}

}  // namespace
}  // namespace signalbox::drivers
