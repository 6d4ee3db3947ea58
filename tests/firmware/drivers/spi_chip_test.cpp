#include "drivers/spi_chip.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

/// Asks the bench's converter for two of its inputs, in two transfers.
class Asker final : public SpiChip {
 public:
  explicit Asker(const device::PartSetup& setup) : SpiChip{setup, 1, setup.settings.period(3), 3} {}

 private:
  void do_begin(bool /*afresh*/) override {
    is_second_ = false;
    exchange({0x01, 0xA0, 0x00});
  }
  void do_go_on(device::ReadingSink& sink) override {
    if (is_second_) return sink.reading(0, static_cast<double>(first_ << 16 | code()));
    is_second_ = true;
    first_ = code();
    exchange({0x18 | 0x06, 0x00, 0x00, 0x00});  // single-ended input 6, other bits ahead of it
  }
  int code() const { return answer().size() == 3 ? (answer()[1] & 3) << 8 | answer()[2] : answer()[1]; }

  bool is_second_ = false;
  int first_ = 0;
};

constexpr std::array kAskerSettings{spi_bus_setting(), chip_select_setting(),
                                    clock_setting(1000.0, 1e6, 1e5, "any"), device::period_setting(100)};
constexpr std::array kAskerPorts{device::PortSpec{.name = "both", .max = 1.0}};
constexpr device::PartKind kAsker{.name = "asker",
                                  .help = "of this test",
                                  .settings = kAskerSettings,
                                  .ports = kAskerPorts,
                                  .construct = &device::construct_part<Asker>};

std::vector<std::string>& told_to_log() {
  static std::vector<std::string> lines;
  return lines;
}

class SpiChipTest : public testing::Test {
 protected:
  void SetUp() override {
    told_to_log().clear();
    set_log_sink([](Severity, std::string_view line) { told_to_log().emplace_back(line); });
  }
  void TearDown() override { set_log_sink(nullptr); }

  PartBench bench;
};

TEST_F(SpiChipTest, TakesAsMuchAsItSends) {
  ASSERT_EQ(bench.start(kAsker, {{"bus", 0.0}}), "");
  bench.run(from_ms(90));
  ASSERT_EQ(bench.told.size(), 1U);
  const int both = static_cast<int>(bench.number(0));
  EXPECT_EQ(both >> 16, 675) << "3.3 V of 5";
  EXPECT_EQ(bench.told[0].at, Instant{Duration{241 + 321}}) << "24 and 32 clocks at 100 kHz";
}

TEST_F(SpiChipTest, TellsWhereATroubleIsOnceAndItsEnd) {
  bench.faults.add({sim::FaultKind::fails, "spi-0/0", Instant{}, Instant{from_ms(500)}});
  ASSERT_EQ(bench.start(kAsker, {{"bus", 0.0}}), "");
  bench.run(from_ms(3000));
  EXPECT_EQ(told_to_log(), (std::vector<std::string>{"SPI bus 0, chip select 0: bus refused",
                                                     "SPI bus 0, chip select 0: it measures"}));
}

TEST_F(SpiChipTest, NeedsItsBus) {
  for (const double bus : {1.0, 7.0}) {
    PartBench other;
    EXPECT_EQ(other.start(kAsker, {{"bus", bus}}), "the board has no SPI bus of that number");
  }
}

}  // namespace
}  // namespace signalbox::drivers
