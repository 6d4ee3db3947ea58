#include "telemetry/sampler.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "tests/firmware/sim_device.hpp"

namespace signalbox::telemetry {
namespace {

using device::Quality;

std::string device_file(std::string_view parts) {
  return R"({"device":{"id":"d"},"parts":[)" + std::string{parts} + "]}";
}

/// A sampler over simulated hardware, stepped whenever something is due.
class SamplerTest : public testing::Test {
 protected:
  void start(std::string_view parts) {
    device = std::make_unique<SimDevice>(device_file(parts));
    sampler = std::make_unique<Sampler>(device->roster, device->values, device->history,
                                        device->platform.ports().simulated);
    pass(Duration{0});
  }
  Instant step() {
    device->platform.poll(device->now());
    const Instant next = sampler->step(device->now());
    return std::min(next, device->platform.next());
  }
  void pass(Duration time) {
    const Instant until = device->now() + time;
    for (Instant next = step(); next <= until; next = step()) device->clock.advance_to(next);
    device->clock.advance_to(until);
    step();
  }
  double number(std::string_view path) { return std::get<double>(device->sample(path).value); }

  std::unique_ptr<SimDevice> device;
  std::unique_ptr<Sampler> sampler;
};

constexpr std::string_view kTank =
    R"({"kind":"analogLevel","input":"tank","periodMs":1000,"channels":{"level":
        {"path":"tank/level","unit":"%","range":[0,100],"calibration":{"scale":20},"staleMs":5000}}})";
constexpr std::string_view kAir =
    R"({"kind":"tmp102","bus":1,"periodMs":500,"channels":{"temperature":
        {"path":"cabin/temperature","range":[-20,20],"staleMs":3000}}})";

TEST_F(SamplerTest, stamps_and_calibrates_what_a_part_tells) {
  start(kTank);
  pass(from_ms(10));
  const device::Sample& sample = device->sample("tank/level");
  EXPECT_NEAR(number("tank/level"), 100 * device->world.tank_fraction(), 0.05);
  EXPECT_EQ(sample.quality, Quality::simulated);
  EXPECT_EQ(sample.taken_at, Instant{Duration{500}});
}

TEST_F(SamplerTest, what_goes_into_the_values_goes_into_the_history) {
  start(kTank);
  pass(from_ms(2500));
  const auto& past = device->history.of(device->index("tank/level"));
  ASSERT_EQ(past.size(), 3U);
  EXPECT_EQ(past[0].taken_at, Instant{Duration{500}});
  const device::Latest& latest = device->latest_of("tank/level");
  EXPECT_EQ(past[2].offset, latest.offset);
  EXPECT_EQ(past[2].value, latest.sample.value);
  EXPECT_EQ(past[2].quality, Quality::simulated);
  EXPECT_TRUE(past[2].was_read);
}

TEST_F(SamplerTest, what_the_machine_itself_tells_is_real) {
  start(R"({"kind":"hostUptime","channels":{"uptime":{"path":"host/uptime"}}})");
  EXPECT_EQ(device->sample("host/uptime").quality, Quality::good);
}

TEST_F(SamplerTest, a_port_without_a_channel_is_not_missed) {
  start(R"({"kind":"hostMemory","channels":{"available":{"path":"host/available"}}})");
  EXPECT_GT(number("host/available"), 0.0);
  EXPECT_EQ(device->values.offset(), 1U);
}

TEST_F(SamplerTest, the_offset_counts_every_sample_the_version_every_change) {
  start(R"({"kind":"digitalInput","line":"door","periodMs":100,"channels":{"state":{"path":"door"}}})");
  pass(from_ms(1050));
  EXPECT_EQ(device->latest_of("door").offset, 11U);
  EXPECT_EQ(device->latest_of("door").version, 1U);
  device->world.hold_door(true);
  pass(from_ms(300));
  EXPECT_EQ(device->latest_of("door").version, 2U);
  EXPECT_EQ(device->sample("door").value, device::Value{true});
}

TEST_F(SamplerTest, a_reading_outside_the_range_is_a_fault_beside_the_last_value) {
  start(kAir);
  pass(from_ms(1000));
  const double before = number("cabin/temperature");
  EXPECT_EQ(device->sample("cabin/temperature").quality, Quality::simulated);
  device->platform.heater().coil().drive(device->now(), true);
  pass(from_ms(60'000));
  ASSERT_GT(device->world.cabin_celsius(), 20.5);
  EXPECT_EQ(device->sample("cabin/temperature").quality, Quality::fault);
  EXPECT_GT(number("cabin/temperature"), before);
  EXPECT_LE(number("cabin/temperature"), 20.0);
}

TEST_F(SamplerTest, a_silent_part_is_a_fault_and_comes_back) {
  start(kAir);
  pass(from_ms(100));
  const double before = number("cabin/temperature");
  device->faults.add({sim::FaultKind::silent, "i2c-1/72", device->now(), device->now() + from_ms(2500)});
  pass(from_ms(500));
  EXPECT_EQ(device->sample("cabin/temperature").quality, Quality::fault);
  EXPECT_EQ(number("cabin/temperature"), before);
  pass(from_ms(8000));
  EXPECT_EQ(device->sample("cabin/temperature").quality, Quality::simulated);
}

TEST_F(SamplerTest, a_stuck_bus_is_a_fault_in_time) {
  start(kAir);
  pass(from_ms(100));
  device->faults.add({sim::FaultKind::hung, "i2c-1", device->now(), kNever});
  pass(from_ms(700));
  EXPECT_EQ(device->sample("cabin/temperature").quality, Quality::fault);
}

TEST_F(SamplerTest, no_value_is_made_up_where_the_first_reading_fails) {
  device = std::make_unique<SimDevice>(
      device_file(R"({"kind":"digitalInput","line":"door","channels":{"state":{"path":"door"}}})"));
  device->faults.add({sim::FaultKind::fails, "door", Instant{}, Instant{from_ms(150)}});
  sampler = std::make_unique<Sampler>(device->roster, device->values, device->history, true);
  pass(from_ms(50));
  EXPECT_EQ(device->sample("door").quality, Quality::fault);
  EXPECT_FALSE(device->latest_of("door").was_read);
  pass(from_ms(1000));
  EXPECT_EQ(device->sample("door").value, device::Value{false});
  EXPECT_TRUE(device->latest_of("door").was_read);
  device->faults.add({sim::FaultKind::fails, "door", device->now(), kNever});
  pass(from_ms(1000));
  EXPECT_EQ(device->sample("door").quality, Quality::fault);
  EXPECT_TRUE(device->latest_of("door").was_read) << "it has a last value to show";
}

TEST_F(SamplerTest, what_is_not_read_for_long_is_stale_and_keeps_its_age) {
  start(R"({"kind":"digitalInput","line":"door","periodMs":9000,"channels":{"state":{"path":"door"}}})");
  device->roster.channels()[0].stale_after = from_ms(1000);
  pass(from_ms(900));
  const Instant taken = device->sample("door").taken_at;
  EXPECT_EQ(device->sample("door").quality, Quality::simulated);
  pass(from_ms(400));
  EXPECT_EQ(device->sample("door").quality, Quality::stale);
  EXPECT_EQ(device->sample("door").taken_at, taken);
  EXPECT_EQ(device->latest_of("door").version, 2U);
  pass(from_ms(5000));
  EXPECT_EQ(device->latest_of("door").version, 2U) << "told once";
  pass(from_ms(3000));
  EXPECT_EQ(device->sample("door").quality, Quality::simulated);
}

TEST_F(SamplerTest, a_fault_does_not_fade_into_staleness) {
  start(kAir);
  pass(from_ms(100));
  device->faults.add({sim::FaultKind::silent, "i2c-1/72", device->now(), kNever});
  pass(from_ms(60'000));  // it is asked every 16 s by now and stale after 3 s
  EXPECT_EQ(device->sample("cabin/temperature").quality, Quality::fault);
  EXPECT_EQ(device->latest_of("cabin/temperature").version, 2U);
}

constexpr std::string_view kCharger =
    R"({"kind":"canSignal","interface":"can0","id":"0x123","startBit":0,"bits":16,"periodMs":250,"channels":{
        "value":{"path":"charger/volts","calibration":{"scale":0.01},"unit":"V","staleMs":300}}})";

TEST_F(SamplerTest, what_came_before_it_was_read_has_the_moment_it_came) {
  start(kCharger);
  pass(from_ms(760));
  EXPECT_EQ(device->sample("charger/volts").quality, Quality::simulated);
  EXPECT_EQ(device->sample("charger/volts").taken_at, Instant{from_ms(700)}) << "it was read at 750";
  device->faults.add({sim::FaultKind::stuck, "can0", device->now(), kNever});
  pass(from_ms(200));
  EXPECT_EQ(device->sample("charger/volts").quality, Quality::simulated);
  pass(from_ms(200));
  EXPECT_EQ(device->sample("charger/volts").quality, Quality::stale);
  EXPECT_EQ(device->sample("charger/volts").taken_at, Instant{from_ms(700)});
}

/// Tells of moments that cannot be.
class TimeTraveller final : public device::Sensor {
 public:
  static inline Instant taken_at{};
  static Result<device::Sensor*> make(std::byte* place, const device::PartSetup& /*setup*/) {
    return ::new (static_cast<void*>(place)) TimeTraveller;
  }

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override {
    sink.reading(0, 1.0, taken_at);
    return now + from_ms(10);
  }
  bool do_is_quiet() const override { return true; }
};

TEST_F(SamplerTest, no_sample_is_of_the_future_or_before_the_one_before) {
  start(kTank);
  static constexpr std::array kPorts{device::PortSpec{.name = "value", .min = 0.0, .max = 5.0}};
  static constexpr device::PartKind kKind{
      .name = "traveller", .help = "", .settings = {}, .ports = kPorts, .construct = &TimeTraveller::make};
  device::Part& part = device->roster.parts()[0];
  device->roster.stop();
  part.kind = &kKind;
  ASSERT_TRUE(device->roster.start(device->platform.ports()));
  const Instant now = device->now() + from_ms(1000);
  for (const auto& [told, taken] :
       {std::pair{now - from_ms(300), now - from_ms(300)}, std::pair{now - from_ms(500), now - from_ms(300)},
        std::pair{now + from_ms(500), now}, std::pair{Instant{}, now}}) {
    TimeTraveller::taken_at = told;
    part.due = now;
    sampler->step(now);
    EXPECT_EQ(device->sample("tank/level").taken_at, taken);
  }
}

TEST_F(SamplerTest, what_was_never_read_is_not_told_as_stale) {
  start(kTank);
  device->roster.add_channel()->stale_after = from_ms(100);
  pass(from_ms(1000));
  EXPECT_EQ(device->values.of(1).offset, 0U);
}

TEST_F(SamplerTest, says_when_it_is_due) {
  start(kTank);
  pass(from_ms(50));
  EXPECT_EQ(sampler->step(device->now()), Instant{from_ms(1000)}) << "to read again, and for nothing else";
  device->faults.add({sim::FaultKind::hung, "tank", device->now(), kNever});
  device->roster.parts()[0].leaving = true;
  EXPECT_EQ(sampler->step(device->now()), Instant{from_ms(5000)} + Duration{501}) << "then it is stale";
}

TEST_F(SamplerTest, a_channel_that_may_be_unread_for_less_time_is_stale_earlier) {
  start(R"({"kind":"digitalInput","line":"door","periodMs":9000,"channels":{"state":{"path":"door"}}})");
  pass(from_ms(2000));
  ASSERT_EQ(device->sample("door").quality, Quality::simulated);
  device->roster.channels()[0].stale_after = from_ms(1000);
  sampler->redeclare(0);
  step();
  EXPECT_EQ(device->sample("door").quality, Quality::stale);
}

/// Counts how often it is stepped.
class Counting final : public device::Sensor {
 public:
  static inline int steps = 0;
  static inline bool is_quiet = true;
  static Result<device::Sensor*> make(std::byte* place, const device::PartSetup& /*setup*/) {
    return ::new (static_cast<void*>(place)) Counting;
  }

 private:
  Instant do_step(Instant now, device::ReadingSink& /*sink*/) override {
    ++steps;
    return now + from_ms(10);
  }
  bool do_is_quiet() const override { return is_quiet; }
};

TEST_F(SamplerTest, a_part_is_stepped_when_it_is_due_or_has_something_under_way) {
  start(kTank);
  static constexpr std::array kPorts{device::PortSpec{.name = "value", .min = 0.0, .max = 5.0}};
  static constexpr device::PartKind kKind{
      .name = "counting", .help = "", .settings = {}, .ports = kPorts, .construct = &Counting::make};
  device::Part& part = device->roster.parts()[0];
  device->roster.stop();
  part.kind = &kKind;
  ASSERT_TRUE(device->roster.start(device->platform.ports()));
  Counting::steps = 0;
  Counting::is_quiet = false;
  for (int i = 0; i < 3; ++i) sampler->step(device->now());
  EXPECT_EQ(Counting::steps, 3) << "it may have ended each time";
  Counting::is_quiet = true;
  for (int i = 0; i < 3; ++i) sampler->step(device->now() + from_ms(5));
  EXPECT_EQ(Counting::steps, 4);
  EXPECT_EQ(sampler->step(device->now() + from_ms(14)), device->now() + from_ms(15));
  sampler->step(device->now() + from_ms(15));
  EXPECT_EQ(Counting::steps, 5);
}

}  // namespace
}  // namespace signalbox::telemetry
