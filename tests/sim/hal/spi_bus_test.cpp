#include "sim/hal/spi_bus.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "tests/sim/at.hpp"

namespace signalbox::sim {
namespace {

using hal::Completion;

/// Sends back what it gets, turned upside down.
class Mirror final : public twins::SpiChip {
 public:
  std::vector<int> modes;

 private:
  void do_exchange(std::uint8_t mode, std::span<const std::uint8_t> in,
                   std::span<std::uint8_t> out) override {
    modes.push_back(mode);
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<std::uint8_t>(~in[i]);
  }
};

class SpiBusTest : public testing::Test {
 protected:
  SpiBusTest() { bus.attach(1, chip); }

  static hal::SpiTransfer transfer(std::uint8_t chip_select = 1) {
    hal::SpiTransfer made;
    made.chip_select = chip_select;
    made.mode = 2;
    made.clock_hz = 1'000'000;
    made.bytes = 2;
    made.write = {0x0F, 0x01, 0x77};
    return made;
  }
  void run_until(Instant now) {
    while (bus.next() <= now) bus.finish_next();
    bus.set_now(now);
  }

  Mirror chip;
  Faults faults;
  SpiBus bus{"spi-0", faults};
};

TEST_F(SpiBusTest, WritesAndReadsAtOnceInALaterStep) {
  hal::SpiTransfer one = transfer();
  ASSERT_TRUE(bus.submit(one));
  run_until(Instant{Duration{16}});
  EXPECT_EQ(one.completion, Completion::pending);
  run_until(Instant{Duration{17}});  // 16 clocks at 1 MHz, rounded up
  EXPECT_EQ(one.completion, Completion::done);
  EXPECT_EQ(one.read[0], 0xF0);
  EXPECT_EQ(one.read[1], 0xFE);
  EXPECT_EQ(chip.modes, std::vector<int>{2});
}

TEST_F(SpiBusTest, CarriesOneTransferAfterTheOther) {
  hal::SpiTransfer slow = transfer();
  slow.clock_hz = 10'000;
  hal::SpiTransfer fast = transfer();
  ASSERT_TRUE(bus.submit(slow));
  ASSERT_TRUE(bus.submit(fast));
  run_until(Instant{Duration{1601}});
  EXPECT_EQ(slow.completion, Completion::done);
  EXPECT_EQ(fast.completion, Completion::pending);
  run_until(Instant{Duration{1618}});
  EXPECT_EQ(fast.completion, Completion::done);
}

TEST_F(SpiBusTest, NobodyDrivesTheWireOfAnEmptyOrSilentPlace) {
  faults.add({FaultKind::silent, "spi-0/1", Instant{}, at(1)});
  hal::SpiTransfer silent = transfer();
  hal::SpiTransfer empty = transfer(0);
  ASSERT_TRUE(bus.submit(silent));
  ASSERT_TRUE(bus.submit(empty));
  run_until(at(1));
  for (const hal::SpiTransfer& its : {silent, empty}) {
    EXPECT_EQ(its.completion, Completion::done);
    EXPECT_EQ(its.read[0], 0xFF);
    EXPECT_EQ(its.read[1], 0xFF);
  }
}

TEST_F(SpiBusTest, RefusesWhatItCannotCarry) {
  for (const auto& spoil : std::vector<void (*)(hal::SpiTransfer&)>{
           [](hal::SpiTransfer& its) { its.chip_select = 16; }, [](hal::SpiTransfer& its) { its.mode = 4; },
           [](hal::SpiTransfer& its) { its.bytes = 17; }, [](hal::SpiTransfer& its) { its.clock_hz = 0; }}) {
    hal::SpiTransfer wrong = transfer();
    spoil(wrong);
    EXPECT_FALSE(bus.submit(wrong));
    EXPECT_EQ(wrong.completion, Completion::failed);
  }
  std::array<hal::SpiTransfer, 9> many;
  many.fill(transfer());
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(bus.submit(many[i]));
  EXPECT_FALSE(bus.submit(many[8]));
}

TEST_F(SpiBusTest, IsHeldUpWhileStuckAndKeepsDeadlines) {
  faults.add({FaultKind::hung, "spi-0", Instant{}, at(100)});
  hal::SpiTransfer patient = transfer();
  hal::SpiTransfer hasty = transfer();
  hasty.deadline = at(20);
  ASSERT_TRUE(bus.submit(patient));
  ASSERT_TRUE(bus.submit(hasty));
  run_until(at(20));
  EXPECT_EQ(hasty.completion, Completion::timed_out);
  EXPECT_EQ(patient.completion, Completion::pending);
  run_until(at(101));
  EXPECT_EQ(patient.completion, Completion::done);
  EXPECT_EQ(chip.modes.size(), 1U);  // the hasty one never happened
}

TEST_F(SpiBusTest, HasOneChipAtAChipSelect) {
  Mirror other;
  EXPECT_FALSE(bus.attach(1, other));
  EXPECT_FALSE(bus.attach(16, other));
  EXPECT_TRUE(bus.attach(15, other));
  EXPECT_TRUE(bus.has(15));
  EXPECT_FALSE(bus.has(14));
  EXPECT_FALSE(bus.has(-1));
}

}  // namespace
}  // namespace signalbox::sim
