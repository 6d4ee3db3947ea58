#pragma once

#include "hal/survey.hpp"

namespace signalbox::hal::kernel {

/// GPIO chips with their lines and who uses them, PWM chips, serial ports, I2C buses, chip selects of SPI
/// buses, CAN interfaces, and what the kernel's drivers measure.
class Survey final : public hal::Survey {
 private:
  void do_list(Listener& listener) override;
  void do_find(Finder& finder) override;
  Result<void> do_line(std::string_view name) override;
  Result<void> do_pwm_output(std::string_view name) override;
  Result<void> do_serial_port(std::string_view device) override;
  Result<void> do_i2c_chip(int bus, int address) override;
  Result<void> do_spi_chip(int bus, int chip_select) override;
  Result<void> do_sensor(const AttributeSource& source) override;
  Result<void> do_can_interface(std::string_view name) override;
};

}  // namespace signalbox::hal::kernel
