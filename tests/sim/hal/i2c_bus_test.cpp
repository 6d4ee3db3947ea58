#include "sim/hal/i2c_bus.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace signalbox::sim {
namespace {

using hal::Completion;

/// Keeps what was written, answers 1, 2, 3…
class Recorder final : public twins::I2cChip {
 public:
  std::vector<std::uint8_t> written;
  std::vector<Instant> asked_at;
  bool refuses = false;

 private:
  bool do_write(Instant at, std::span<const std::uint8_t> bytes) override {
    asked_at.push_back(at);
    written.assign(bytes.begin(), bytes.end());
    return !refuses;
  }
  bool do_read(Instant /*at*/, std::span<std::uint8_t> bytes) override {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i + 1);
    return true;
  }
};

class I2cBusTest : public testing::Test {
 protected:
  I2cBusTest() { bus.attach(0x48, chip); }

  static hal::I2cTransfer transfer(std::uint8_t address = 0x48) {
    hal::I2cTransfer made;
    made.address = address;
    made.write = {0x07};
    made.write_bytes = 1;
    made.read_bytes = 2;
    return made;
  }
  void run_until(Instant now) {
    while (bus.next() <= now) bus.finish_next();
    bus.set_now(now);
  }

  Recorder chip;
  Faults faults;
  I2cBus bus{"i2c-1", faults};
};

TEST_F(I2cBusTest, WritesThenReadsInALaterStep) {
  hal::I2cTransfer one = transfer();
  ASSERT_TRUE(bus.submit(one));
  EXPECT_EQ(one.completion, Completion::pending);
  run_until(Instant{Duration{449}});
  EXPECT_EQ(one.completion, Completion::pending);
  run_until(Instant{Duration{450}});  // five bytes of nine clocks at 100 kHz
  EXPECT_EQ(one.completion, Completion::done);
  EXPECT_EQ(chip.written, std::vector<std::uint8_t>{0x07});
  EXPECT_EQ(one.read[0], 1);
  EXPECT_EQ(one.read[1], 2);
}

TEST_F(I2cBusTest, CarriesOneTransferAfterTheOther) {
  std::array<hal::I2cTransfer, 3> many{transfer(), transfer(), transfer()};
  for (hal::I2cTransfer& one : many) ASSERT_TRUE(bus.submit(one));
  run_until(Instant{from_ms(10)});
  EXPECT_EQ(chip.asked_at,
            (std::vector<Instant>{Instant{Duration{450}}, Instant{Duration{900}}, Instant{Duration{1350}}}));
}

TEST_F(I2cBusTest, TellsThatNobodyAnswers) {
  hal::I2cTransfer nobody = transfer(0x49);
  ASSERT_TRUE(bus.submit(nobody));
  chip.refuses = true;
  hal::I2cTransfer refused = transfer();
  ASSERT_TRUE(bus.submit(refused));
  run_until(Instant{from_ms(10)});
  EXPECT_EQ(nobody.completion, Completion::no_reply);
  EXPECT_EQ(refused.completion, Completion::no_reply);
}

TEST_F(I2cBusTest, RefusesWhatItCannotCarry) {
  std::array<hal::I2cTransfer, 9> many;
  for (std::size_t i = 0; i < 8; ++i) {
    many[i] = transfer();
    ASSERT_TRUE(bus.submit(many[i]));
  }
  many[8] = transfer();
  EXPECT_FALSE(bus.submit(many[8]));
  EXPECT_EQ(many[8].completion, Completion::failed);
  run_until(Instant{from_ms(10)});
  hal::I2cTransfer too_long = transfer();
  too_long.read_bytes = 33;
  EXPECT_FALSE(bus.submit(too_long));
  hal::I2cTransfer no_address = transfer(0x80);
  EXPECT_FALSE(bus.submit(no_address));
}

TEST_F(I2cBusTest, IsHeldUpWhileStuckAndKeepsDeadlines) {
  faults.add({FaultKind::hung, "i2c-1", Instant{}, Instant{from_ms(100)}});
  hal::I2cTransfer patient = transfer();
  hal::I2cTransfer hasty = transfer();
  hasty.deadline = Instant{from_ms(20)};
  ASSERT_TRUE(bus.submit(patient));
  ASSERT_TRUE(bus.submit(hasty));
  run_until(Instant{from_ms(20)});
  EXPECT_EQ(hasty.completion, Completion::timed_out);
  EXPECT_EQ(patient.completion, Completion::pending);
  run_until(Instant{from_ms(101)});
  EXPECT_EQ(patient.completion, Completion::done);
  EXPECT_EQ(chip.asked_at.size(), 1U);  // the hasty one never happened
}

TEST_F(I2cBusTest, LetsOneChipFallSilentOrFail) {
  faults.add({FaultKind::silent, "i2c-1/72", Instant{}, Instant{from_ms(1)}});
  faults.add({FaultKind::fails, "i2c-1/72", Instant{from_ms(1)}, Instant{from_ms(2)}});
  hal::I2cTransfer silent = transfer();
  ASSERT_TRUE(bus.submit(silent));
  run_until(Instant{from_ms(1)});
  EXPECT_EQ(silent.completion, Completion::no_reply);
  hal::I2cTransfer fails = transfer();
  ASSERT_TRUE(bus.submit(fails));
  run_until(Instant{from_ms(2)});
  EXPECT_EQ(fails.completion, Completion::failed);
}

TEST_F(I2cBusTest, HasOneChipAtAnAddress) {
  Recorder other;
  EXPECT_FALSE(bus.attach(0x48, other));
  EXPECT_FALSE(bus.attach(0x07, other));
  EXPECT_FALSE(bus.attach(0x78, other));
  EXPECT_TRUE(bus.attach(0x77, other));
}

}  // namespace
}  // namespace signalbox::sim
