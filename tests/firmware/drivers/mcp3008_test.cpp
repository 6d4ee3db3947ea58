#include "drivers/mcp3008.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(Mcp3008, ConfiguresTheDataSheetsCodes) {
  // Table 5-2, with SGL/DIFF as the highest bit.
  EXPECT_EQ(Mcp3008::configuration(0, ""), 0x80);
  EXPECT_EQ(Mcp3008::configuration(1, ""), 0x90);
  EXPECT_EQ(Mcp3008::configuration(5, ""), 0xD0);
  EXPECT_EQ(Mcp3008::configuration(7, ""), 0xF0);
  EXPECT_EQ(Mcp3008::configuration(0, "0-1"), 0x00);
  EXPECT_EQ(Mcp3008::configuration(1, "1-0"), 0x10);
  EXPECT_EQ(Mcp3008::configuration(4, "0-1,4-5"), 0x40);
  EXPECT_EQ(Mcp3008::configuration(7, "0-1,7-6"), 0x70);
  EXPECT_EQ(Mcp3008::configuration(1, "0-1"), 0x90);
}

TEST(Mcp3008, ConvertsTheDataSheetsCodes) {
  EXPECT_EQ(Mcp3008::volts(0, 5.0), 0.0);  // equation 4-2
  EXPECT_EQ(Mcp3008::volts(1, 5.0), 5.0 / 1024);
  EXPECT_DOUBLE_EQ(Mcp3008::volts(512, 3.3), 1.65);
  EXPECT_DOUBLE_EQ(Mcp3008::volts(1023, 2.048), 2.046);
}

TEST(Mcp3008, ReadsAResultThatIsTheSameBothWays) {
  using Answer = std::array<std::uint8_t, Mcp3008::kBytes>;
  EXPECT_EQ(Mcp3008::code(Answer{0xFF, 0xF8, 0x00, 0x00, 0x00}), 0);
  EXPECT_EQ(Mcp3008::code(Answer{0xFF, 0xFB, 0xFF, 0xFF, 0x80}), 1023);
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x02, 0x00, 0x00, 0x80}), 512);
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x00, 0x01, 0x00, 0x00}), 1);
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x00, 0x02, 0x80, 0x00}), 2);
  EXPECT_EQ(Mcp3008::code(Answer{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), -1) << "nobody drives the wire";
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x06, 0x00, 0x00, 0x80}), -1) << "no null bit";
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x02, 0x00, 0x00, 0x00}), -1) << "another one backwards";
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x02, 0x00, 0x00, 0x81}), -1) << "no zeros behind";
  EXPECT_EQ(Mcp3008::code(Answer{0x00, 0x01, 0x00, 0x00, 0x80}), -1) << "shifted by a clock";
}

TEST(Mcp3008, KnowsPairs) {
  for (const std::string_view right : {"0-1", "1-0", "0-1,1-0", "2-3,5-4,6-7", "3-2", "7-6"})
    EXPECT_TRUE(Mcp3008::are_pairs(right)) << right;
  for (const std::string_view wrong :
       {"0-2", "1-2", "0-1,", ",0-1", "0-1 2-3", "2-3,0-1", "0-1,0-1", "8-9", "0", "-", "0-1,,2-3", "0-3"})
    EXPECT_FALSE(Mcp3008::are_pairs(wrong)) << wrong;
}

class Mcp3008Test : public testing::Test {
 protected:
  static constexpr double kLsb = 5.0 / 1024;

  void start(std::string_view pairs = {}, double chip_select = 0.0) {
    ASSERT_EQ(bench.start(kMcp3008, {{"bus", 0.0},
                                     {"chipSelect", chip_select},
                                     {"referenceVolts", 5.0},
                                     {"pairs", device::Text{pairs}},
                                     {"periodMs", 100.0}}),
              "");
  }
  void expect(std::size_t at, std::uint8_t port, double volts) {
    ASSERT_LT(at, bench.told.size());
    EXPECT_EQ(bench.told[at].port, port);
    ASSERT_TRUE(bench.told[at].value.has_value()) << bench.told[at].why;
    EXPECT_NEAR(bench.number(at), volts, kLsb);
  }
  void expect_faults(std::string_view why) {
    ASSERT_FALSE(bench.told.empty());
    for (const PartBench::Told& told : bench.told) EXPECT_EQ(told.why, why);
  }
  double tank() const { return bench.world.tank_fraction() * 5.0; }
  double supply() const { return bench.world.supply_volts() / 10.0; }

  PartBench bench;
};

TEST_F(Mcp3008Test, MeasuresOneInputAfterTheOther) {
  start();
  bench.run(from_ms(50));
  ASSERT_EQ(bench.told.size(), 8U);
  expect(0, 0, tank());
  expect(1, 1, supply());
  for (std::uint8_t port = 2; port < 7; ++port)
    expect(port, port, std::array{3.3, 0.5, 0.0, 1.25, 2.5}.at(port - 2U));
  EXPECT_EQ(bench.number(7), 1023 * kLsb) << "at its reference";
  EXPECT_LT(bench.told[7].at, Instant{from_ms(1)}) << "40 clocks at 1 MHz each";
}

TEST_F(Mcp3008Test, MeasuresPairsAndTheRestAgainstGround) {
  start("1-0,2-3,3-2,6-7");
  bench.run(from_ms(50));
  ASSERT_EQ(bench.told.size(), 8U);
  expect(0, 0, tank());
  expect(1, 1, std::max(0.0, supply() - tank()));
  expect(2, 2, 2.8);
  EXPECT_EQ(bench.number(3), 0.0) << "below the other one it tells zero";
  EXPECT_EQ(bench.number(6), 0.0);
  expect(5, 5, 1.25);
}

TEST_F(Mcp3008Test, ConvertsOnlyInputsThatHaveAChannel) {
  const device::PartSetup setup{.ports = bench.platform().ports(),
                                .settings = {{0.0, 0.0, 10'000.0, 5.0, device::Text{}, 100.0}},
                                .is_used = {false, false, true, false, false, false, true, false}};
  ASSERT_EQ(bench.start(kMcp3008, setup), "");
  bench.run(from_ms(90));
  ASSERT_EQ(bench.told.size(), 2U);
  expect(0, 2, 3.3);
  expect(1, 6, 2.5);
  EXPECT_GE(bench.told[0].at, Instant{from_ms(4)}) << "40 clocks at 10 kHz";
}

TEST_F(Mcp3008Test, TellsThatNoChipIsThereAndRecovers) {
  bench.faults.add({sim::FaultKind::silent, "spi-0/0", Instant{}, Instant{from_ms(400)}});
  start();
  bench.run(from_ms(350));
  expect_faults("what it tells is no conversion: see to its supply and wires, or lower clockHz");
  EXPECT_EQ(bench.told.size() % 8, 0U) << "at all ports";
  bench.run(from_ms(3000));
  expect(bench.told.size() - 2, 6, 2.5);
  bench.forget();
  bench.faults.add({sim::FaultKind::hung, "spi-0", bench.clock.now(), bench.clock.now() + from_ms(900)});
  bench.run(from_ms(900));
  expect_faults("bus stuck or busy");
  bench.run(from_ms(3000));
  expect(bench.told.size() - 2, 6, 2.5);
}

TEST_F(Mcp3008Test, TellsAChipSelectThatNobodyHas) {
  start({}, 1.0);
  bench.run(from_ms(50));
  expect_faults("what it tells is no conversion: see to its supply and wires, or lower clockHz");
}

}  // namespace
}  // namespace signalbox::drivers
