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
  /// Measured then: not later than now, nor earlier than what was told of the port before.
  void reading(std::uint8_t port, const Value& value, Instant taken_at) { do_reading(port, value, taken_at); }
  /// The part could not measure; `why` is a few words such as `no reply`.
  void fault(std::uint8_t port, std::string_view why) { do_fault(port, why); }

 protected:
  ~ReadingSink() = default;

 private:
  virtual void do_reading(std::uint8_t port, const Value& value, Instant taken_at) = 0;
  virtual void do_fault(std::uint8_t port, std::string_view why) = 0;
};

/// A part that measures. Never waits: it submits to the HAL and takes the result in a later step.
/// What it has submitted lies in the part itself: it goes while it `is_quiet`, and gives back what it
/// claimed, or when its platform is not polled again.
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
  /// Whether nothing it submitted is under way, so that it may go.
  bool is_quiet() const { return do_is_quiet(); }
  /// Itself where it also moves something, else nullptr.
  Actuator* actuator() { return do_actuator(); }

 private:
  virtual Instant do_step(Instant now, ReadingSink& sink) = 0;
  virtual bool do_is_quiet() const = 0;
  virtual Actuator* do_actuator() { return nullptr; }
};

}  // namespace signalbox::device
