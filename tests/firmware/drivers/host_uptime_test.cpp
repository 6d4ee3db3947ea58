#include "drivers/host_uptime.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/fake_machine.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(HostUptime, TellsSeconds) {
  FakeMachine machine;
  machine.uptime_now = 1234.5;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostUptime, {}), "");
  bench.run(from_ms(1));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.number(0), 1234.5);
}

TEST(HostUptime, TellsWhatItCannotRead) {
  FakeMachine machine;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostUptime, {}), "");
  bench.run(from_ms(1));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "uptime not readable");
}

TEST(HostUptime, NeedsAMachineToRead) {
  PartBench bench;
  EXPECT_EQ(bench.start(kHostUptime, {}, false, {}), "this board offers no readings of its machine");
}

}  // namespace
}  // namespace signalbox::drivers
