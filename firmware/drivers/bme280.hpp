#pragma once

#include <array>
#include <optional>

#include "drivers/i2c_chip.hpp"

namespace signalbox::drivers {

/// Bosch Sensortec BME280 (data sheet BST-BME280-DS001, revision 1.1): temperature, humidity and pressure of
/// the air. It sleeps but for the measurements that are asked for (forced mode, section 3.3.3).
class Bme280 final : public I2cChip {
 public:
  /// Compensation parameters, the chip's own (table 16), by the data sheet's names.
  struct Trimming {
    std::uint16_t dig_t1 = 0;
    std::int16_t dig_t2 = 0, dig_t3 = 0;
    std::uint16_t dig_p1 = 0;
    std::int16_t dig_p2 = 0, dig_p3 = 0, dig_p4 = 0, dig_p5 = 0, dig_p6 = 0, dig_p7 = 0, dig_p8 = 0,
                 dig_p9 = 0;
    std::uint8_t dig_h1 = 0;
    std::int16_t dig_h2 = 0;
    std::uint8_t dig_h3 = 0;
    std::int16_t dig_h4 = 0, dig_h5 = 0;
    std::int8_t dig_h6 = 0;
  };
  static constexpr std::size_t kFirstBytes = 26;  ///< calib00 to calib25, 0x88 to 0xA1
  static constexpr std::size_t kSecondBytes = 7;  ///< calib26 to calib32, 0xE1 to 0xE7

  explicit Bme280(const device::PartSetup& setup);

  static void take_first(Trimming& trimming, std::span<const std::uint8_t, kFirstBytes> calib);
  static void take_second(Trimming& trimming, std::span<const std::uint8_t, kSecondBytes> calib);

  // The compensation formulas in double precision (section 8.1).
  static double t_fine(const Trimming& trimming, std::uint32_t adc_t);
  static double celsius(double t_fine) { return t_fine / 5120.0; }
  /// Nothing where the parameters make no sense.
  static std::optional<double> hectopascals(const Trimming& trimming, double t_fine, std::uint32_t adc_p);
  static double humidity_percent(const Trimming& trimming, double t_fine, std::uint16_t adc_h);

  /// The longest that a measurement of all three takes (section 9.1).
  static Duration longest_measurement(int oversampling);

 private:
  enum class Stage : std::uint8_t { id, first, second, ctrl_hum, ctrl_meas, results };

  void do_begin(bool afresh) override;
  void do_go_on(device::ReadingSink& sink) override;
  void measure();
  void check_id(std::uint8_t id);
  void take_results(device::ReadingSink& sink);
  std::uint8_t ctrl_meas() const;

  int oversampling_;
  Stage stage_ = Stage::id;
  int asked_ = 0;  ///< how often for the results
  Trimming trimming_;
};

inline constexpr std::array kBme280Oversampling{1.0, 2.0, 4.0, 8.0, 16.0};
inline constexpr std::array kBme280Settings{
    bus_setting(),
    address_setting(118.0, 119.0, "118, or 119 where its SDO pin is high"),
    device::choice_setting("oversampling", "measurements that make a reading", kBme280Oversampling, 1.0),
    device::period_setting(1000),
};
inline constexpr std::array kBme280Ports{
    device::PortSpec{.name = "temperature", .unit = "Cel", .min = -40.0, .max = 85.0},
    device::PortSpec{.name = "humidity", .unit = "%", .min = 0.0, .max = 100.0},
    device::PortSpec{.name = "pressure", .unit = "hPa", .min = 300.0, .max = 1100.0},
};
inline constexpr device::PartKind kBme280{.name = "bme280",
                                          .help = "I2C sensor BME280: temperature, humidity, pressure",
                                          .settings = kBme280Settings,
                                          .ports = kBme280Ports,
                                          .construct = &device::construct_part<Bme280>};

}  // namespace signalbox::drivers
