#include "drivers/host_memory.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/fake_machine.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(HostMemory, TellsWhatIsUsedAndWhatIsAvailable) {
  FakeMachine machine;
  machine.memory_now = hal::Host::Memory{8'000'000'000, 6'000'000'000};
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kHostMemory, {}), "");
  bench.run(from_ms(1));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].port, 0);
  EXPECT_DOUBLE_EQ(bench.number(0), 25.0);
  EXPECT_EQ(bench.told[1].port, 1);
  EXPECT_DOUBLE_EQ(bench.number(1), 6e9);
}

TEST(HostMemory, TellsBothPortsWhatItCannotRead) {
  FakeMachine machine;
  for (const auto& memory : {std::optional<hal::Host::Memory>{}, std::optional{hal::Host::Memory{}}}) {
    machine.memory_now = memory;
    PartBench bench{&machine};
    ASSERT_EQ(bench.start(kHostMemory, {}), "");
    bench.run(from_ms(1));
    ASSERT_EQ(bench.told.size(), 2U);
    EXPECT_EQ(bench.told[0].why, "memory not readable");
    EXPECT_EQ(bench.told[1].why, "memory not readable");
  }
}

TEST(HostMemory, NeedsAMachineToRead) {
  PartBench bench;
  EXPECT_EQ(bench.start(kHostMemory, {}, false, {}), "this board offers no readings of its machine");
}

}  // namespace
}  // namespace signalbox::drivers
