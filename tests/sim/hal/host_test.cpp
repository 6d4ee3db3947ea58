#include "sim/hal/host.hpp"

#include <gtest/gtest.h>

#include "sim/hal/clock.hpp"

namespace signalbox::sim {
namespace {

TEST(SimHost, LeadsAQuietLife) {
  Clock clock;
  Host host{clock};
  hal::Host::Traffic before = *host.traffic();
  for (int second = 0; second < 1000; ++second) {
    clock.advance(from_ms(1000));
    EXPECT_GE(*host.load(), 0.0);
    EXPECT_LE(*host.load(), 1.1);
    const hal::Host::Memory memory = *host.memory();
    EXPECT_LT(memory.available_bytes, memory.total_bytes);
    const hal::Host::Traffic traffic = *host.traffic();
    EXPECT_GT(traffic.received_bytes, before.received_bytes);
    EXPECT_GT(traffic.sent_bytes, before.sent_bytes);
    before = traffic;
    EXPECT_EQ(*host.uptime_seconds(), second + 1.0);
    EXPECT_GT(*host.temperature("any"), 20.0);
  }
}

TEST(SimHost, HasOneThermalZone) {
  Clock clock;
  Host host{clock};
  EXPECT_TRUE(host.temperature("cpu-thermal").has_value());
  EXPECT_FALSE(host.temperature("battery").has_value());
}

}  // namespace
}  // namespace signalbox::sim
