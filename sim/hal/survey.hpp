#pragma once

#include "hal/survey.hpp"
#include "sim/hal/attribute.hpp"
#include "sim/hal/can.hpp"
#include "sim/hal/digital.hpp"
#include "sim/hal/i2c_bus.hpp"
#include "sim/hal/pwm.hpp"
#include "sim/hal/serial.hpp"
#include "sim/hal/spi_bus.hpp"

namespace signalbox::sim {

/// The simulated hardware, as somebody finds it who looks for it.
class Survey final : public hal::Survey {
 public:
  /// `bus` has the number `bus_number`, `spi_bus` 0, and each is the only one. All outlive the survey.
  Survey(const Digital& digital, const Pwm& pwm, const Serial& serial, const Attribute& attribute,
         const I2cBus& bus, int bus_number, const SpiBus& spi_bus, const Can& can)
      : digital_{digital},
        pwm_{pwm},
        serial_{serial},
        attribute_{attribute},
        bus_{bus},
        bus_number_{bus_number},
        spi_bus_{spi_bus},
        can_{can} {}

 private:
  void do_list(Listener& listener) override;
  void do_find(Finder& finder) override;
  Result<void> do_line(std::string_view name) override;
  Result<void> do_pwm_output(std::string_view name) override;
  Result<void> do_serial_port(std::string_view device) override;
  Result<void> do_i2c_chip(int bus, int address) override;
  Result<void> do_spi_chip(int bus, int chip_select) override;
  Result<void> do_sensor(const hal::AttributeSource& source) override;
  Result<void> do_can_interface(std::string_view name) override;

  const Digital& digital_;
  const Pwm& pwm_;
  const Serial& serial_;
  const Attribute& attribute_;
  const I2cBus& bus_;
  int bus_number_;
  const SpiBus& spi_bus_;
  const Can& can_;
};

}  // namespace signalbox::sim
