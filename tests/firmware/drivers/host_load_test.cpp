#include "drivers/host_load.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/fake_machine.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(HostLoad, TellsTheLoadEveryPeriod) {
  FakeMachine machine;
  machine.load_now = 0.75;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostLoad, {{"periodMs", 1000.0}}), "");
  bench.run(from_ms(2500));
  ASSERT_EQ(bench.told.size(), 3U);
  EXPECT_EQ(bench.number(2), 0.75);
}

TEST(HostLoad, TellsWhatItCannotRead) {
  FakeMachine machine;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostLoad, {}), "");
  bench.run(from_ms(1));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "load not readable");
}

TEST(HostLoad, NeedsAMachineToRead) {
  PartBench bench;
  EXPECT_EQ(bench.start(kHostLoad, {}, false, {}), "this board offers no readings of its machine");
}

}  // namespace
}  // namespace signalbox::drivers
