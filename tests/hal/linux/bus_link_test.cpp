// Buses that this machine does not have, asked by the processes that hold real ones; what they say to chips,
// tests/kernel sees.
#include "hal/linux/bus_link.hpp"

#include <array>
#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <thread>

#include "hal/linux/clock.hpp"
#include "hal/linux/i2c_bus.hpp"
#include "hal/linux/spi_bus.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr int kNoSuchBus = 199;

template <typename Bus, typename Transfer>
struct Absent {
  explicit Absent(int number = kNoSuchBus) { EXPECT_TRUE(bus.open(number, true)); }
  Completion ask(Transfer& transfer) {
    EXPECT_TRUE(bus.submit(transfer));
    return wait_for(transfer);
  }
  Completion wait_for(Transfer& transfer) {
    for (int i = 0; i < 3000 && !is_final(transfer.completion); ++i) {
      bus.poll(Clock{}.now());
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return transfer.completion;
  }

  Bus bus;
};

SpiTransfer spi_transfer(std::uint8_t mode = 0, std::uint8_t bytes = 3) {
  SpiTransfer made;
  made.mode = mode;
  made.bytes = bytes;
  made.clock_hz = 1'000'000;
  return made;
}

TEST(BusLink, ABusThatIsNotThereIsNotFound) {
  EXPECT_FALSE(I2cBus::is_there(kNoSuchBus));
  EXPECT_FALSE(SpiBus::is_there(kNoSuchBus));
}

TEST(BusLink, ABusWithoutItsProcessTakesNothing) {
  I2cBus i2c;
  I2cTransfer read{.address = 72, .read_bytes = 2, .write = {}, .read = {}};
  EXPECT_FALSE(i2c.submit(read));
  EXPECT_EQ(read.completion, Completion::failed);
  SpiBus spi;
  SpiTransfer exchange = spi_transfer();
  EXPECT_FALSE(spi.submit(exchange));
  EXPECT_EQ(exchange.completion, Completion::failed);
}

TEST(BusLink, ABusThatIsNotThereIsLookedForAgainAndAgain) {
  testing::internal::CaptureStderr();
  Absent<I2cBus, I2cTransfer> i2c;
  I2cTransfer read{.address = 72, .read_bytes = 2, .write = {}, .read = {}};
  Absent<SpiBus, SpiTransfer> spi;
  SpiTransfer exchange = spi_transfer(3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(i2c.ask(read), Completion::absent);
    EXPECT_EQ(spi.ask(exchange), Completion::absent);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "no process died of it";
}

TEST(BusLink, OneProcessLooksForAllThatMayComeLater) {
  Absent<I2cBus, I2cTransfer> later{BusLink::kLater};
  std::array<I2cBus, 2> awaited;
  std::array<I2cTransfer, 2> reads{};
  for (std::size_t i = 0; i < reads.size(); ++i) {
    awaited[i].await(kNoSuchBus + static_cast<int>(i), later.bus);
    EXPECT_TRUE(awaited[i].submit(reads[i]));
    EXPECT_EQ(awaited[i].next(), kNever) << "the other one is polled for it";
  }
  for (I2cTransfer& read : reads) EXPECT_EQ(later.wait_for(read), Completion::absent);
}

TEST(BusLink, WhatNoBusCanCarryFails) {
  Absent<SpiBus, SpiTransfer> spi;
  SpiTransfer wrong_mode = spi_transfer(4);
  EXPECT_EQ(spi.ask(wrong_mode), Completion::failed);
  SpiTransfer too_long = spi_transfer(0, 17);
  EXPECT_FALSE(spi.bus.submit(too_long));
  SpiTransfer no_such_chip = spi_transfer();
  no_such_chip.chip_select = SpiTransfer::kChipsMax;
  EXPECT_EQ(spi.ask(no_such_chip), Completion::failed);
}

TEST(BusLink, WhatComesTooLateDoesNotHappen) {
  Absent<SpiBus, SpiTransfer> spi;
  SpiTransfer late = spi_transfer();
  late.deadline = Clock{}.now() - from_ms(1);
  EXPECT_EQ(spi.ask(late), Completion::timed_out);
}

}  // namespace
}  // namespace signalbox::hal::kernel
