#pragma once

#include "hal/survey.hpp"
#include "sim/hal/attribute.hpp"
#include "sim/hal/digital.hpp"
#include "sim/hal/i2c_bus.hpp"

namespace signalbox::sim {

/// The simulated hardware, as somebody finds it who looks for it.
class Survey final : public hal::Survey {
 public:
  /// `bus` has the number `bus_number`, and is the only one. Both outlive the survey.
  Survey(const Digital& digital, const Attribute& attribute, const I2cBus& bus, int bus_number)
      : digital_{digital}, attribute_{attribute}, bus_{bus}, bus_number_{bus_number} {}

 private:
  void do_list(Listener& listener) override;
  void do_find(Finder& finder) override;
  Result<void> do_line(std::string_view name) override;
  Result<void> do_i2c_chip(int bus, int address) override;

  const Digital& digital_;
  const Attribute& attribute_;
  const I2cBus& bus_;
  int bus_number_;
};

}  // namespace signalbox::sim
