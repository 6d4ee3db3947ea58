#pragma once

#include <span>

#include "base/instant.hpp"
#include "hal/analog.hpp"
#include "hal/attribute.hpp"
#include "hal/can.hpp"
#include "hal/digital.hpp"
#include "hal/host.hpp"
#include "hal/i2c_bus.hpp"
#include "hal/pwm.hpp"
#include "hal/serial.hpp"
#include "hal/spi_bus.hpp"

namespace signalbox::hal {

/// Everything a board offers, as the drivers see it. A port a board lacks is nullptr.
class Platform {
 public:
  struct Ports {
    std::span<I2cBus* const> i2c_buses;    ///< by bus number; a missing bus is nullptr
    std::span<SpiBus* const> spi_buses{};  ///< likewise
    Digital* digital = nullptr;
    Analog* analog = nullptr;
    Pwm* pwm = nullptr;
    Attribute* attribute = nullptr;
    Serial* serial = nullptr;
    Can* can = nullptr;
    Host* host = nullptr;
    bool simulated = false;  ///< the buses and lines are simulated; readings say so
  };

  const Ports& ports() { return do_ports(); }
  /// Completes what has finished by `now`; bounded, never blocks.
  void poll(Instant now) { do_poll(now); }
  /// When something submitted by now will have finished and wants a poll; kNever where nothing is under way.
  Instant next() const { return do_next(); }

 protected:
  ~Platform() = default;

 private:
  virtual const Ports& do_ports() = 0;
  virtual void do_poll(Instant now) = 0;
  virtual Instant do_next() const = 0;
};

}  // namespace signalbox::hal
