#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// Whether a chip can have such an input: a quantity and its number, `temp1`.
constexpr bool is_hwmon_input(std::string_view input) {
  constexpr std::array<std::string_view, 8> kQuantities{"temp",  "in",       "curr",   "fan",
                                                        "power", "humidity", "energy", "freq"};
  const std::string_view quantity =
      input.substr(0, std::min(input.find_first_of("0123456789"), input.size()));
  const std::string_view number = input.substr(quantity.size());
  return std::find(kQuantities.begin(), kQuantities.end(), quantity) != kQuantities.end() &&
         !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether a device of industrial I/O can have such a channel: `in_voltage0`.
constexpr bool is_iio_channel(std::string_view channel) {
  return channel.starts_with("in_") &&
         channel.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

/// Whether it is the id of a 1-wire thermometer: the family code of the DS18B20, and 48 bits.
constexpr bool is_thermometer(std::string_view id) {
  constexpr std::size_t kDigits = 12;
  return id.starts_with("28-") && id.size() == 3 + kDigits &&
         id.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos;
}
constexpr bool is_thermometer_or_any(std::string_view id) { return id == "any" || is_thermometer(id); }

/// Where a number comes from, told by names that are the same after every start.
struct AttributeSource {
  enum class Subsystem : std::uint8_t {
    hwmon,     ///< a monitoring chip's input
    iio,       ///< industrial I/O: a converter's or sensor's channel
    one_wire,  ///< a thermometer on a 1-wire bus
  };
  Subsystem subsystem = Subsystem::hwmon;
  /// The chip's or device's name, and behind `@` what it hangs on (`lm75@0-004f`) where several have that
  /// name; without, it is the first. 1-wire: its id (`28-0123456789ab`) or `any`.
  std::string_view device;
  std::string_view channel;  ///< `temp1`, `in_voltage0`; 1-wire: none
};

/// One reading. Lives in its driver; stays in place while pending.
struct AttributeReading {
  double value = 0.0;  ///< °C, V, A, W, %, revolutions per minute; others as the kernel has them
  Instant deadline = kNever;
  Completion completion = Completion::idle;
};

/// Numbers that drivers of the operating system measure, and it publishes.
class Attribute {
 public:
  static constexpr int kNoSource = -1;

  /// Claims a source; it may be another's as well. kNoSource where there can be none of that name, or no more
  /// can be claimed. One that is not there yet reads as `absent` until it comes.
  int claim(const AttributeSource& source) { return do_claim(source); }
  /// Gives a claimed source back; nothing is under way on it.
  void release(int source) { do_release_source(source); }
  /// One at a time of each source. `absent`: it is not there; `failed`: it told nothing that is a number.
  void read(int source, AttributeReading& reading) {
    reading.completion = Completion::pending;
    do_read(source, reading);
  }

 protected:
  ~Attribute() = default;

 private:
  virtual int do_claim(const AttributeSource& source) = 0;
  virtual void do_release_source(int source) = 0;
  virtual void do_read(int source, AttributeReading& reading) = 0;
};

}  // namespace signalbox::hal
