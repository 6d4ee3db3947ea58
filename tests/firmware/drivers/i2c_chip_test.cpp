#include "drivers/i2c_chip.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

/// Writes a limit to a TMP102, rests, and reads it back: a row of three transfers with a rest in it.
class Rower final : public I2cChip {
 public:
  explicit Rower(const device::PartSetup& setup) : I2cChip{setup, 2, setup.settings.period(2)} {}

  static inline std::vector<bool> begun;  ///< afresh?
  static inline bool finds_fault = false;

 private:
  void do_begin(bool afresh) override {
    begun.push_back(afresh);
    step_ = 0;
    write_word(0x02, 0x1230);
  }
  void do_go_on(device::ReadingSink& sink) override {
    if (step_++ == 0) return read(0x02, 2, from_ms(30));
    if (finds_fault) return fail("not what it should be");
    sink.reading(0, static_cast<double>(answer_word()));
    sink.reading(1, static_cast<double>(answer().size()));
  }

  int step_ = 0;
};

constexpr std::array kRowerSettings{bus_setting(), address_setting(72.0, 75.0, "any"),
                                    device::period_setting(1000)};
constexpr std::array kRowerPorts{device::PortSpec{.name = "word", .max = 1.0},
                                 device::PortSpec{.name = "bytes", .max = 1.0}};
constexpr device::PartKind kRower{.name = "rower",
                                  .help = "of this test",
                                  .settings = kRowerSettings,
                                  .ports = kRowerPorts,
                                  .construct = &device::construct_part<Rower>};

std::vector<std::string>& logged() {
  static std::vector<std::string> lines;
  return lines;
}

class I2cChipTest : public testing::Test {
 protected:
  void SetUp() override {
    Rower::begun.clear();
    Rower::finds_fault = false;
    logged().clear();
    set_log_sink([](Severity, std::string_view line) { logged().emplace_back(line); });
  }
  void TearDown() override { set_log_sink(nullptr); }

  void start(double address = 72.0) {
    ASSERT_EQ(bench.start(kRower, {{"bus", 1.0}, {"address", address}, {"periodMs", 100.0}}), "");
  }

  PartBench bench;
};

TEST_F(I2cChipTest, MeasuresByARowOfTransfersWithARest) {
  start();
  bench.run(from_ms(25));
  EXPECT_TRUE(bench.told.empty());
  EXPECT_TRUE(bench.part().is_quiet());  // while it rests
  bench.run(from_ms(25));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_EQ(bench.number(0), 0x1230);
  EXPECT_EQ(bench.number(1), 2.0);
  EXPECT_GE(bench.told[0].at, Instant{from_ms(30)});
  EXPECT_TRUE(logged().empty());
}

TEST_F(I2cChipTest, KeepsItsRhythmWhateverAMeasurementTakes) {
  start();
  bench.run(from_ms(450));
  ASSERT_EQ(bench.told.size(), 10U);
  EXPECT_EQ(bench.told[8].at - bench.told[2].at, from_ms(300));
}

TEST_F(I2cChipTest, TellsATroubleAtEachPortAndInTheLogOnce) {
  start(75.0);
  bench.run(from_ms(2000));
  ASSERT_GE(bench.told.size(), 6U);
  EXPECT_EQ(bench.told[0].why, "no reply");
  EXPECT_EQ(std::pair(bench.told[0].port, bench.told[1].port), std::pair(std::uint8_t{0}, std::uint8_t{1}));
  EXPECT_EQ(logged(), std::vector<std::string>{"I2C bus 1, address 75 (0x4b): no reply"});
}

TEST_F(I2cChipTest, BeginsAfreshAfterATrouble) {
  start();
  bench.run(from_ms(250));
  EXPECT_EQ(Rower::begun, (std::vector{true, false, false}));
  Rower::finds_fault = true;
  bench.run(from_ms(100));
  EXPECT_EQ(bench.told.back().why, "not what it should be");
  Rower::finds_fault = false;
  bench.run(from_ms(400));
  EXPECT_TRUE(bench.told.back().value.has_value());
  ASSERT_GE(Rower::begun.size(), 5U);
  EXPECT_TRUE(Rower::begun[4]);
  EXPECT_FALSE(Rower::begun.back());
  EXPECT_EQ(logged(), (std::vector<std::string>{"I2C bus 1, address 72 (0x48): not what it should be",
                                                "I2C bus 1, address 72 (0x48): it measures"}));
}

TEST_F(I2cChipTest, TellsAnotherTroubleToo) {
  bench.faults.add({sim::FaultKind::hung, "i2c-1", Instant{}, Instant{from_ms(150)}});
  bench.faults.add({sim::FaultKind::fails, "i2c-1/72", Instant{}, Instant{from_ms(1000)}});
  start();
  bench.run(from_ms(900));
  EXPECT_EQ(logged(), (std::vector<std::string>{"I2C bus 1, address 72 (0x48): bus stuck or busy",
                                                "I2C bus 1, address 72 (0x48): bus refused"}));
}

TEST_F(I2cChipTest, NeedsItsBus) {
  for (const double bus : {0.0, 2.0, 15.0}) {
    PartBench other;
    EXPECT_EQ(other.start(kRower, {{"bus", bus}}), "the board has no I2C bus of that number");
  }
}

}  // namespace
}  // namespace signalbox::drivers
