#pragma once

#include <array>
#include <cstddef>

#include "base/result.hpp"
#include "hal/linux/attribute.hpp"
#include "hal/linux/can.hpp"
#include "hal/linux/digital.hpp"
#include "hal/linux/host.hpp"
#include "hal/linux/i2c_bus.hpp"
#include "hal/linux/pwm.hpp"
#include "hal/linux/serial.hpp"
#include "hal/linux/spi_bus.hpp"
#include "hal/platform.hpp"

namespace signalbox::hal::kernel {

/// What this machine's kernel offers: its I2C and SPI buses, GPIO lines, PWM outputs, serial ports, CAN
/// interfaces and the numbers of its own drivers, with processes that hold them.
class Platform final : public hal::Platform {
 public:
  static constexpr std::size_t kI2cBusesMax = 16;
  static constexpr std::size_t kSpiBusesMax = 8;

  /// Starts a process for each bus there is (`/dev/i2c-0` to `-15`, `/dev/spidev0.*` to `7.*`), for those
  /// that come later, and for all else. Before the network is heard; while there is one thread only.
  /// `fenced`: they enter a sandbox.
  Result<void> open(bool fenced);

 private:
  const Ports& do_ports() override { return ports_; }
  void do_poll(Instant now) override;
  Instant do_next() const override;

  Host host_;
  Digital digital_;
  Pwm pwm_;
  Serial serial_;
  Can can_;
  Attribute attribute_;
  std::array<I2cBus, kI2cBusesMax> i2c_buses_;
  std::array<hal::I2cBus*, kI2cBusesMax> i2c_ports_{};
  I2cBus later_i2c_buses_;
  std::array<SpiBus, kSpiBusesMax> spi_buses_;
  SpiBus later_spi_buses_;
  std::array<hal::SpiBus*, kSpiBusesMax> spi_ports_{};
  Ports ports_{};
};

}  // namespace signalbox::hal::kernel
