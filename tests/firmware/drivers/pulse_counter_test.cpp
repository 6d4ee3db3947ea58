#include "drivers/pulse_counter.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "firmware/drivers/counted_line.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

/// The last reading of that port.
double last(const PartBench& bench, std::uint8_t port) {
  const auto found = std::find_if(bench.told.rbegin(), bench.told.rend(),
                                  [port](const PartBench::Told& told) { return told.port == port; });
  return found == bench.told.rend() ? -1.0 : std::get<double>(found->value.value());
}

TEST(PulseCounter, CountsWhatTheHeaterUses) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPulseCounter, {{"line", Text{"heater-meter"}},
                                        {"activeLow", true},
                                        {"bias", Text{"pullUp"}},
                                        {"debounceMs", 5.0},
                                        {"pulsesPerUnit", 10'000.0},
                                        {"periodMs", 2000.0}}),
            "");
  bench.run(from_ms(10'000));
  EXPECT_EQ(last(bench, 0), 0.0);
  EXPECT_EQ(last(bench, 1), 0.0);
  bench.platform().heater().coil().drive(bench.clock.now(), true);
  bench.run(from_ms(60'000));
  const double kwh = 0.35 * 60.0 / 3600.0;
  EXPECT_NEAR(last(bench, 0), kwh, 4e-4);
  EXPECT_NEAR(last(bench, 1) * 3.6e6, 350.0, 5.0) << "watts";
  EXPECT_NEAR(last(bench, 0) * 10'000.0, static_cast<double>(bench.platform().heater_meter().pulses()), 2.0)
      << "those of the last period are not read yet";
  bench.platform().heater().coil().drive(bench.clock.now(), false);
  bench.run(from_ms(20'000));
  EXPECT_LT(last(bench, 1) * 3.6e6, 25.0) << "without pulses it cannot be more";
}

TEST(PulseCounter, WithoutItsPullUpAContactShowsNothing) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPulseCounter, {{"line", Text{"heater-meter"}}, {"activeLow", true}}), "");
  bench.platform().heater().coil().drive(bench.clock.now(), true);
  bench.run(from_ms(30'000));
  EXPECT_GT(bench.platform().heater_meter().pulses(), 5U);
  EXPECT_EQ(last(bench, 0), 0.0);
}

TEST(PulseCounter, APulseThatIsShorterThanTheDebounceTimeIsNone) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPulseCounter, {{"line", Text{"heater-meter"}},
                                        {"activeLow", true},
                                        {"bias", Text{"pullUp"}},
                                        {"debounceMs", 31.0}}),
            "");
  bench.platform().heater().coil().drive(bench.clock.now(), true);
  bench.run(from_ms(30'000));
  EXPECT_EQ(last(bench, 0), 0.0);
}

TEST(PulseCounter, TellsWhatIsNotCounted) {
  PartBench bench;
  CountedLine line;
  line.edges.since = Instant{from_ms(1)};
  hal::Platform::Ports ports = bench.platform().ports();
  ports.digital = &line;
  ASSERT_EQ(bench.start(kPulseCounter, {{"line", Text{"meter"}}, {"periodMs", 1000.0}}, false, ports), "");
  EXPECT_EQ(line.setup.edges, hal::Edges::rising);
  line.give(7, Instant{from_ms(1)}, {});
  bench.run(from_ms(1500));
  EXPECT_EQ(last(bench, 0), 7.0);
  bench.forget();
  line.edges = {.since = Instant{from_ms(1600)}};
  bench.run(from_ms(1000));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].why, "pulses missed");
  EXPECT_EQ(bench.told[1].why, "pulses missed");
  bench.run(from_ms(3000));
  EXPECT_EQ(last(bench, 0), 7.0) << "it goes on";
}

TEST(PulseCounter, NeedsAnInputLine) {
  PartBench bench;
  EXPECT_EQ(bench.start(kPulseCounter, {{"line", Text{"heater"}}}),
            "no free input line \"heater\" on this board");
}

}  // namespace
}  // namespace signalbox::drivers
