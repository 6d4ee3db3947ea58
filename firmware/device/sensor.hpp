#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "device/value.hpp"

namespace signalbox::device {

class Actuator;

/// Where a part tells what it measured; `port` counts the ports its kind declares.
class ReadingSink {
 public:
  /// Measured now.
  void reading(std::uint8_t port, const Value& value) { do_reading(port, value, kNever); }
  /// Measured at `taken_at`: not later than now, and not before the port's last reading.
  void reading(std::uint8_t port, const Value& value, Instant taken_at) { do_reading(port, value, taken_at); }
  /// The part could not measure; `why` is a few words such as `no reply`.
  void fault(std::uint8_t port, std::string_view why) { do_fault(port, why); }

 protected:
  ~ReadingSink() = default;

 private:
  virtual void do_reading(std::uint8_t port, const Value& value, Instant taken_at) = 0;
  virtual void do_fault(std::uint8_t port, std::string_view why) = 0;
};

/// A part that measures. It never waits: it submits an operation to the HAL and takes the result in a later
/// step. The operation lies in the part itself, so a part may be destroyed only while it `is_quiet`, or when
/// its platform is not polled any more. Its destructor gives back what it claimed.
class Sensor {
 public:
  Sensor() = default;
  Sensor(const Sensor&) = delete;
  Sensor& operator=(const Sensor&) = delete;
  virtual ~Sensor() = default;

  /// Starts what is due, reports what has finished; returns when it is due again (kNever: on completion
  /// only). It is stepped when it is due, after it was driven, and as long as it is not `is_quiet`. Stepping
  /// it too often does no harm.
  Instant step(Instant now, ReadingSink& sink) { return do_step(now, sink); }
  /// Whether no operation of it is under way.
  bool is_quiet() const { return do_is_quiet(); }
  /// The same part as an actuator; nullptr where it moves nothing.
  Actuator* actuator() { return do_actuator(); }

 private:
  virtual Instant do_step(Instant now, ReadingSink& sink) = 0;
  virtual bool do_is_quiet() const = 0;
  virtual Actuator* do_actuator() { return nullptr; }
};

}  // namespace signalbox::device
