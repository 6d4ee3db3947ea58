#include "drivers/ds18b20.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

/// A source whose temperature the test sets.
class Thermometer final : public hal::Attribute {
 public:
  double celsius = 0.0;

 private:
  int do_claim(const hal::AttributeSource& /*source*/) override { return 0; }
  void do_release_source(int /*source*/) override {}
  void do_read(int /*source*/, hal::AttributeReading& reading) override {
    reading.value = celsius;
    reading.completion = hal::Completion::done;
  }
};

TEST(Ds18b20, TakesItsTimeForAConversion) {
  PartBench bench;
  ASSERT_EQ(bench.start(kDs18b20, {{"id", Text{"28-0123456789ab"}}}), "");
  bench.run(from_ms(700));
  EXPECT_TRUE(bench.told.empty());
  bench.run(from_ms(100));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_NEAR(bench.number(0), bench.world.ambient_celsius(), 0.04);
}

TEST(Ds18b20, TakesTheFirstOneWhereNoneIsNamed) {
  PartBench bench;
  ASSERT_EQ(bench.start(kDs18b20, {}), "");
  bench.run(from_ms(1'000));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_TRUE(bench.told[0].value.has_value());
}

TEST(Ds18b20, TellsItsPowerOnValueAsAFault) {
  PartBench bench;
  bench.platform().thermometer().lose_power();
  ASSERT_EQ(bench.start(kDs18b20, {}), "");
  bench.run(from_ms(20'000));
  ASSERT_GE(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].why, "power-on value");
  EXPECT_TRUE(bench.told[1].value.has_value());
}

TEST(Ds18b20, BelievesThe85DegreesThatItCameNear) {
  PartBench bench;
  Thermometer thermometer;
  const hal::Platform::Ports ports{.i2c_buses = {}, .attribute = &thermometer};
  ASSERT_EQ(bench.start(kDs18b20, {{"periodMs", 1000.0}}, false, ports), "");
  for (const double celsius : {84.5, 85.0, 85.0, 85.5}) {
    thermometer.celsius = celsius;
    bench.run(from_ms(1'000));
    ASSERT_TRUE(bench.told.back().value.has_value()) << celsius;
    EXPECT_EQ(bench.number(bench.told.size() - 1), celsius);
  }
}

TEST(Ds18b20, TellsWrongChecksums) {
  PartBench bench;
  bench.platform().thermometer().disturb(true);
  ASSERT_EQ(bench.start(kDs18b20, {}), "");
  bench.run(from_ms(1'000));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "no reply, or a wrong CRC");
}

TEST(Ds18b20, RefusesWhatIsNoId) {
  PartBench bench;
  EXPECT_EQ(bench.start(kDs18b20, {{"id", Text{"10-0123456789ab"}}}),
            "no source 10-0123456789ab; expected 28- and 12 hex digits, or any");
}

}  // namespace
}  // namespace signalbox::drivers
