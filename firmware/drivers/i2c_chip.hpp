#pragma once

#include <initializer_list>
#include <span>

#include "base/log.hpp"
#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/i2c_bus.hpp"

namespace signalbox::drivers {

/// What the drivers of I2C chips share: a measurement is a row of transfers, each asked for when the one
/// before it has ended. Not a kind itself; a kind's first two settings are `bus` and `address`.
class I2cChip : public device::Sensor {
 public:
  /// Error `notFound` where the board has no such bus.
  Result<void> open();

 protected:
  /// Reports for `ports` ports, every `period`, or as often as its measurements end where they take longer.
  I2cChip(const device::PartSetup& setup, std::size_t ports, Duration period);

  // What a measurement does next, as `do_begin` and `do_go_on` tell it. If they tell nothing, it is over.
  /// Reads from that register on, `after` a rest.
  void read(std::uint8_t from, std::uint8_t bytes, Duration after = {});
  void write(std::uint8_t to, std::initializer_list<std::uint8_t> bytes);
  /// High byte first, as most chips have their words.
  void write_word(std::uint8_t to, std::uint16_t word);
  /// It failed, at all ports. Logged, once.
  void fail(std::string_view why);

  /// What was read last.
  std::span<const std::uint8_t> answer() const { return {transfer_.read.data(), transfer_.read_bytes}; }
  std::uint16_t answer_word() const {
    return static_cast<std::uint16_t>(transfer_.read[0] << 8U | transfer_.read[1]);
  }

 private:
  /// A measurement begins. `afresh`: the first one, or the last one failed, so that the chip may be another
  /// one or have lost its settings.
  virtual void do_begin(bool afresh) = 0;
  /// The transfer that was asked for has ended well.
  virtual void do_go_on(device::ReadingSink& sink) = 0;

  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return transfer_.completion != hal::Completion::pending; }
  void begin(Instant now);
  void take(Instant now, device::ReadingSink& sink);
  void tell(Severity severity, const char* what) const;

  hal::I2cBus* bus_ = nullptr;
  int bus_number_ = 0;
  std::uint8_t ports_ = 0;
  bool is_afresh_ = true;
  bool is_measuring_ = false;
  bool goes_on_ = false;  ///< something was asked for
  bool has_failed_ = false;
  Duration rest_{};
  Instant goes_on_at_{};
  device::Cadence cadence_;
  hal::I2cTransfer transfer_{};
  FixedText<95> trouble_;  ///< as it was logged
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
