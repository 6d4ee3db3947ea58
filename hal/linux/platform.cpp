#include "hal/linux/platform.hpp"

#include <algorithm>

namespace signalbox::hal::kernel {
namespace {

/// Each bus with a process where it is there, and one for all that come later: none can be started then.
template <typename Port, typename Bus, std::size_t kCount>
Result<void> open_buses(std::array<Bus, kCount>& buses, Bus& later, std::array<Port*, kCount>& ports,
                        bool fenced) {
  for (std::size_t i = 0; i < kCount; ++i) {
    ports[i] = &buses[i];
    const int number = static_cast<int>(i);
    if (!Bus::is_there(number)) {
      buses[i].await(number, later);
      continue;
    }
    if (const Result<void> opened = buses[i].open(number, fenced); !opened) return opened;
  }
  return later.open(BusLink::kLater, fenced);
}

}  // namespace

Result<void> Platform::open(bool fenced) {
  if (const Result<void> opened = open_buses(i2c_buses_, later_i2c_buses_, i2c_ports_, fenced); !opened)
    return opened;
  if (const Result<void> opened = open_buses(spi_buses_, later_spi_buses_, spi_ports_, fenced); !opened)
    return opened;
  if (const Result<void> opened = digital_.open(fenced); !opened) return opened;
  if (const Result<void> opened = pwm_.open(fenced); !opened) return opened;
  if (const Result<void> opened = serial_.open(fenced); !opened) return opened;
  if (const Result<void> opened = can_.open(fenced); !opened) return opened;
  if (const Result<void> opened = attribute_.open(fenced); !opened) return opened;
  ports_ = {.i2c_buses = i2c_ports_,
            .spi_buses = spi_ports_,
            .digital = &digital_,
            .pwm = &pwm_,
            .attribute = &attribute_,
            .serial = &serial_,
            .can = &can_,
            .host = &host_};
  return {};
}

void Platform::do_poll(Instant now) {
  digital_.poll(now);
  pwm_.poll(now);
  serial_.poll(now);
  can_.poll(now);
  attribute_.poll(now);
  for (I2cBus& bus : i2c_buses_) bus.poll(now);
  for (SpiBus& bus : spi_buses_) bus.poll(now);
  later_i2c_buses_.poll(now);
  later_spi_buses_.poll(now);
}

Instant Platform::do_next() const {
  Instant next = std::min({digital_.next(), pwm_.next(), serial_.next(), can_.next(), attribute_.next(),
                           later_i2c_buses_.next(), later_spi_buses_.next()});
  for (const I2cBus& bus : i2c_buses_) next = std::min(next, bus.next());
  for (const SpiBus& bus : spi_buses_) next = std::min(next, bus.next());
  return next;
}

}  // namespace signalbox::hal::kernel
