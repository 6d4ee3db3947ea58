#include "hal/linux/platform.hpp"

#include <algorithm>
#include <unistd.h>

#include "base/fixed_text.hpp"

namespace signalbox::hal::kernel {

Result<void> Platform::open(bool fenced) {
  for (std::size_t i = 0; i < kI2cBusesMax; ++i) {
    bus_ports_[i] = &buses_[i];
    if (access(format_text<31>("/dev/i2c-%zu", i).c_str(), F_OK) != 0) continue;
    if (const Result<void> opened = buses_[i].open(static_cast<int>(i), fenced); !opened) return opened;
  }
  if (const Result<void> opened = digital_.open(fenced); !opened) return opened;
  if (const Result<void> opened = pwm_.open(fenced); !opened) return opened;
  if (const Result<void> opened = serial_.open(fenced); !opened) return opened;
  if (const Result<void> opened = attribute_.open(fenced); !opened) return opened;
  ports_ = {.i2c_buses = bus_ports_,
            .digital = &digital_,
            .pwm = &pwm_,
            .attribute = &attribute_,
            .serial = &serial_,
            .host = &host_};
  return {};
}

void Platform::do_poll(Instant now) {
  digital_.poll(now);
  pwm_.poll(now);
  serial_.poll(now);
  attribute_.poll(now);
  for (I2cBus& bus : buses_) bus.poll(now);
}

Instant Platform::do_next() const {
  Instant next = std::min({digital_.next(), pwm_.next(), serial_.next(), attribute_.next()});
  for (const I2cBus& bus : buses_) next = std::min(next, bus.next());
  return next;
}

}  // namespace signalbox::hal::kernel
