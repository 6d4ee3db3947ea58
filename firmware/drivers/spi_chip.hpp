#pragma once

#include <initializer_list>
#include <span>

#include "drivers/bus_chip.hpp"
#include "hal/spi_bus.hpp"

namespace signalbox::drivers {

/// What the drivers of SPI chips share. Not a kind itself; a kind's first three settings are `bus`,
/// `chipSelect` and `clockHz`.
class SpiChip : public BusChip {
 public:
  /// Error `notFound` where the board has no such bus.
  Result<void> open();

 protected:
  /// See BusChip. `mode`: 0 to 3.
  SpiChip(const device::PartSetup& setup, std::size_t ports, Duration period, std::uint8_t mode);

  /// What a measurement does next: sends these bytes, 16 at most, and takes as many.
  void exchange(std::initializer_list<std::uint8_t> bytes);
  /// What came meanwhile.
  std::span<const std::uint8_t> answer() const { return {transfer_.read.data(), transfer_.bytes}; }

 private:
  void do_submit(Instant deadline) override;
  FixedText<63> do_place() const override;

  hal::SpiBus* bus_ = nullptr;
  int bus_number_ = 0;
  hal::SpiTransfer transfer_{};
};

constexpr device::SettingSpec spi_bus_setting() {
  return {.name = "bus",
          .kind = device::SettingSpec::Kind::integer,
          .help = "number of the SPI bus",
          .min = 0.0,
          .max = 7.0,
          .required = true};
}

constexpr device::SettingSpec chip_select_setting() {
  return {.name = "chipSelect",
          .kind = device::SettingSpec::Kind::integer,
          .help = "which of the bus's chips",
          .min = 0.0,
          .max = static_cast<double>(hal::SpiTransfer::kChipsMax - 1)};
}

/// `help` says what limits it.
constexpr device::SettingSpec clock_setting(double lowest, double highest, double fallback,
                                            std::string_view help) {
  return {.name = "clockHz",
          .kind = device::SettingSpec::Kind::integer,
          .help = help,
          .min = lowest,
          .max = highest,
          .fallback = fallback};
}

}  // namespace signalbox::drivers
