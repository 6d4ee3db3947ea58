#include "hal/linux/host.hpp"

#include <gtest/gtest.h>

#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr std::string_view kTraffic =
    R"(Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9999999     100    0    0    0     0          0         0  9999999     100    0    0    0     0       0          0
  eth0: 1000000     200    0    0    0     0          0         0    50000     150    0    0    0     0       0          0
 wlan0:18446744073000000000 1 2 3 4 5 6 7 20000 1 2 3 4 5 6 7
)";

TEST(LinuxHost, ReadsThisMachine) {
  Host host;
  ASSERT_TRUE(host.load().has_value());
  EXPECT_GE(*host.load(), 0.0);
  ASSERT_TRUE(host.memory().has_value());
  EXPECT_GT(host.memory()->total_bytes, 16U * 1024 * 1024);
  EXPECT_LT(host.memory()->available_bytes, host.memory()->total_bytes);
  EXPECT_TRUE(host.traffic().has_value());
  ASSERT_TRUE(host.uptime_seconds().has_value());
  EXPECT_GT(*host.uptime_seconds(), 1.0);
  if (const auto celsius = host.temperature("any")) {
    EXPECT_GT(*celsius, -55.0);
    EXPECT_LT(*celsius, 150.0);
  }
}

TEST(LinuxHost, ReadsTheKernelsFiles) {
  const TemporaryDirectory root;
  root.put("proc/loadavg", "0.52 0.58 0.59 1/467 12345\n");
  root.put("proc/uptime", "3661.25 14000.00\n");
  root.put("proc/meminfo",
           "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    6000000 kB\n");
  root.put("proc/net/dev", kTraffic);
  Host host{root.path().string()};
  EXPECT_EQ(host.load(), 0.52);
  EXPECT_EQ(host.uptime_seconds(), 3661.25);
  ASSERT_TRUE(host.memory().has_value());
  EXPECT_EQ(host.memory()->total_bytes, 8'192'000'000U);
  EXPECT_EQ(host.memory()->available_bytes, 6'144'000'000U);
  ASSERT_TRUE(host.traffic().has_value());
  EXPECT_EQ(host.traffic()->received_bytes, 18446744073001000000U);  // without lo
  EXPECT_EQ(host.traffic()->sent_bytes, 70'000U);
}

TEST(LinuxHost, FindsThermalZonesByTheirType) {
  const TemporaryDirectory root;
  root.put("sys/class/thermal/thermal_zone0/type", "acpitz\n");
  root.put("sys/class/thermal/thermal_zone0/temp", "27800\n");
  root.put("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
  root.put("sys/class/thermal/thermal_zone1/temp", "-1500\n");
  Host host{root.path().string()};
  EXPECT_EQ(host.temperature("any"), 27.8);
  EXPECT_EQ(host.temperature("acpitz"), 27.8);
  EXPECT_EQ(host.temperature("cpu-thermal"), -1.5);
  EXPECT_EQ(host.temperature("cpu"), std::nullopt);
}

TEST(LinuxHost, TakesTheNextZoneWhereOneCannotBeRead) {
  const TemporaryDirectory root;
  root.put("sys/class/thermal/thermal_zone0/type", "broken\n");
  root.put("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
  root.put("sys/class/thermal/thermal_zone1/temp", "40000\n");
  Host host{root.path().string()};
  EXPECT_EQ(host.temperature("any"), 40.0);
  EXPECT_EQ(host.temperature("broken"), std::nullopt);
}

TEST(LinuxHost, OffersNothingWhereFilesAreMissingOrMakeNoSense) {
  const TemporaryDirectory root;
  Host host{root.path().string()};
  for (const std::string_view text :
       {"", "none\n", "kB\n", "-\n", ":\n", "MemTotal: x kB\nMemAvailable:\n"}) {
    EXPECT_EQ(host.load(), std::nullopt) << text;
    EXPECT_EQ(host.uptime_seconds(), std::nullopt) << text;
    EXPECT_FALSE(host.memory().has_value()) << text;
    EXPECT_EQ(host.temperature("any"), std::nullopt) << text;
    for (const char* name : {"proc/loadavg", "proc/uptime", "proc/meminfo", "proc/net/dev"})
      root.put(name, text);
    root.put("sys/class/thermal/thermal_zone0/type", "acpitz\n");
    root.put("sys/class/thermal/thermal_zone0/temp", text);
  }
  EXPECT_EQ(host.traffic()->received_bytes, 0U);
}

TEST(LinuxHost, ReadsNoMoreInterfacesThanFit) {
  const TemporaryDirectory root;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "veth" + std::to_string(i) + ": 10 0 0 0 0 0 0 0 20 0 0 0 0 0 0 0\n";
  root.put("proc/net/dev", many);
  Host host{root.path().string()};
  const auto traffic = host.traffic();
  ASSERT_TRUE(traffic.has_value());
  EXPECT_GT(traffic->received_bytes, 1000U);
  EXPECT_LT(traffic->received_bytes, 10'000U);
  EXPECT_EQ(traffic->sent_bytes, 2 * traffic->received_bytes);
}

}  // namespace
}  // namespace signalbox::hal::kernel
