#pragma once

#include <initializer_list>
#include <span>

#include "drivers/bus_chip.hpp"
#include "hal/i2c_bus.hpp"

namespace signalbox::drivers {

/// What the drivers of I2C chips share. Not a kind itself; a kind's first two settings are `bus` and
/// `address`.
class I2cChip : public BusChip {
 public:
  /// Error `notFound` where the board has no such bus.
  Result<void> open();

 protected:
  /// See BusChip.
  I2cChip(const device::PartSetup& setup, std::size_t ports, Duration period);

  // What a measurement does next.
  /// Reads from that register on, `after` a rest.
  void read(std::uint8_t from, std::uint8_t bytes, Duration after = {});
  void write(std::uint8_t to, std::initializer_list<std::uint8_t> bytes);
  /// High byte first, as most chips have their words.
  void write_word(std::uint8_t to, std::uint16_t word);

  /// What was read last.
  std::span<const std::uint8_t> answer() const { return {transfer_.read.data(), transfer_.read_bytes}; }
  std::uint16_t answer_word() const {
    return static_cast<std::uint16_t>(transfer_.read[0] << 8U | transfer_.read[1]);
  }

 private:
  void do_submit(Instant deadline) override;
  FixedText<63> do_place() const override;

  hal::I2cBus* bus_ = nullptr;
  int bus_number_ = 0;
  hal::I2cTransfer transfer_{};
};

constexpr device::SettingSpec bus_setting() {
  return {.name = "bus",
          .kind = device::SettingSpec::Kind::integer,
          .help = "number of the I2C bus",
          .min = 0.0,
          .max = 15.0,
          .required = true};
}

/// `help` says what chooses one; left out, it is the lowest.
constexpr device::SettingSpec address_setting(double lowest, double highest, std::string_view help) {
  return {.name = "address",
          .kind = device::SettingSpec::Kind::integer,
          .help = help,
          .min = lowest,
          .max = highest,
          .fallback = lowest};
}

}  // namespace signalbox::drivers
