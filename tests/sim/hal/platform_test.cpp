#include "sim/hal/platform.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

#include "sim/hal/clock.hpp"
#include "sim/hal/host.hpp"
#include "tests/sim/at.hpp"

namespace signalbox::sim {
namespace {

using Direction = hal::Digital::Direction;
using hal::Completion;

struct Bench {
  World world;
  Faults faults;
  Clock clock;
  Host host{clock};
  Platform platform{world, faults, host};
};

TEST(SimPlatform, OffersTheBench) {
  Bench bench;
  const hal::Platform::Ports& ports = bench.platform.ports();
  EXPECT_TRUE(ports.simulated);
  ASSERT_EQ(ports.i2c_buses.size(), 2U);
  EXPECT_EQ(ports.i2c_buses[0], nullptr);
  EXPECT_NE(ports.i2c_buses[1], nullptr);
  ASSERT_EQ(ports.spi_buses.size(), 1U);
  EXPECT_NE(ports.spi_buses[0], nullptr);
  EXPECT_NE(ports.digital->claim_output("heater", false, false), hal::Digital::kNoLine);
  EXPECT_NE(ports.digital->claim_input("heater-sense"), hal::Digital::kNoLine);
  EXPECT_NE(ports.digital->claim_input("door"), hal::Digital::kNoLine);
  EXPECT_NE(ports.analog->claim("tank"), hal::Analog::kNoInput);
  EXPECT_NE(ports.pwm->claim("fan", 25'000, 0.0, 0.0), hal::Pwm::kNoOutput);
  EXPECT_NE(ports.attribute->claim({hal::AttributeSource::Subsystem::hwmon, "lm75", "temp1"}),
            hal::Attribute::kNoSource);
  EXPECT_NE(ports.attribute->claim({hal::AttributeSource::Subsystem::iio, "mcp3208", "in_voltage0"}),
            hal::Attribute::kNoSource);
  EXPECT_NE(ports.attribute->claim({hal::AttributeSource::Subsystem::one_wire, "28-0123456789ab", {}}),
            hal::Attribute::kNoSource);
  EXPECT_NE(ports.can->claim({"can0", {0x123, false}}), hal::Can::kNoReader);
  EXPECT_EQ(ports.host, &bench.host);
}

TEST(SimPlatform, SaysWhenItWantsToBePolled) {
  Bench bench;
  bench.platform.poll(at(0));
  EXPECT_EQ(bench.platform.next(), kNever);
  hal::I2cTransfer transfer{.address = 72, .write_bytes = 1, .read_bytes = 2, .write = {}, .read = {}};
  ASSERT_TRUE(bench.platform.ports().i2c_buses[1]->submit(transfer));
  EXPECT_EQ(bench.platform.next(), Instant{Duration{450}});
  bench.platform.poll(bench.platform.next());
  EXPECT_EQ(transfer.completion, Completion::done);
  EXPECT_EQ(bench.platform.next(), kNever);
}

TEST(SimPlatform, TheSenseLineFollowsTheRelay) {
  Bench bench;
  bench.platform.poll(at(0));
  hal::Digital& digital = *bench.platform.ports().digital;
  const int heater = digital.claim_output("heater", false, false);
  const int sense = digital.claim_input("heater-sense");
  hal::DigitalOperation write{.level = true};
  digital.write(heater, write);
  std::vector<bool> seen;
  for (int ms = 0; ms < 20; ++ms) {
    hal::DigitalOperation read;
    digital.read(sense, read);
    bench.platform.poll(at(ms + 1));
    seen.push_back(read.level);
  }
  EXPECT_FALSE(seen[6]);
  EXPECT_TRUE(seen[9]);
}

/// Heats for a while with the fan on, and polls in steps of that many milliseconds. The cabin at the end.
double heat(int step_ms) {
  Bench bench;
  bench.platform.poll(at(0));
  hal::Digital& digital = *bench.platform.ports().digital;
  hal::Pwm& pwm = *bench.platform.ports().pwm;
  const int heater = digital.claim_output("heater", false, false);
  const int fan = pwm.claim("fan", 25'000, 0.0, 0.0);
  hal::DigitalOperation on{.level = true};
  hal::PwmOperation half{.duty = 0.5};
  digital.write(heater, on);
  pwm.write(fan, half);
  for (int ms = step_ms; ms <= 120'000; ms += step_ms) bench.platform.poll(at(ms));
  bench.platform.poll(at(120'000));
  EXPECT_GT(bench.world.cabin_celsius(), 20.0);
  return bench.world.cabin_celsius();
}

TEST(SimPlatform, TheWorldIsTheSameHoweverOftenItIsPolled) {
  const double often = heat(1);
  EXPECT_EQ(often, heat(37));
  EXPECT_EQ(often, heat(1000));
  EXPECT_EQ(often, heat(60'000));
}

TEST(SimPlatform, RunsOnRealTimeToo) {
  Bench bench;
  const Instant started = Instant{std::chrono::hours{24 * 365}};
  bench.platform.poll(started);
  const double before = bench.world.cabin_celsius();
  bench.platform.heater().coil().drive(started, true);
  bench.platform.poll(started + from_ms(30'000));
  EXPECT_GT(bench.world.cabin_celsius(), before + 1.0);
}

TEST(SimPlatform, EveryFaultTargetExists) {
  for (const FaultTarget& target : Platform::kFaultTargets) {
    Bench bench;
    bench.faults.add({target.kind, target.name});
    bench.platform.poll(at(0));
    const hal::Platform::Ports& ports = bench.platform.ports();
    hal::I2cTransfer transfer{.address = 72, .write_bytes = 1, .read_bytes = 2, .write = {}, .read = {}};
    transfer.deadline = at(10);
    ASSERT_TRUE(ports.i2c_buses[1]->submit(transfer));
    std::array<hal::DigitalOperation, 3> digital{};
    hal::DigitalOperation& heater = digital[0];
    heater.level = true;
    ports.digital->write(ports.digital->claim_output("heater", false, false), heater);
    ports.digital->read(ports.digital->claim_input("heater-sense"), digital[1]);
    ports.digital->read(ports.digital->claim_input("door"), digital[2]);
    hal::AnalogReading tank;
    ports.analog->read(ports.analog->claim("tank"), tank);
    hal::PwmOperation fan{.duty = 1.0};
    ports.pwm->write(ports.pwm->claim("fan", 25'000, 0.0, 0.0), fan);
    bench.platform.poll(at(10));
    int hit = 0;
    for (const Completion completion : {transfer.completion, digital[0].completion, digital[1].completion,
                                        digital[2].completion, tank.completion, fan.completion})
      if (completion != Completion::done) ++hit;
    const bool shows_in_values_only = target.kind == FaultKind::stuck;
    EXPECT_EQ(hit, shows_in_values_only ? 0 : 1) << target.name;
  }
}

}  // namespace
}  // namespace signalbox::sim
