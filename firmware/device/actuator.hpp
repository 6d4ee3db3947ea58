#pragma once

#include "base/instant.hpp"
#include "device/sensor.hpp"
#include "hal/operation.hpp"

namespace signalbox::device {

/// A part that moves something. Port 0 is the output: there it reports what it drives, read back where the
/// hardware allows. Further ports are what else it measures.
class Actuator : public Sensor {
 public:
  /// Starts driving; only while nothing is `pending`. What has not reached the hardware by `deadline` never
  /// will.
  void drive(const Value& value, Instant deadline) { do_drive(value, deadline); }
  /// Takes back a drive that has not reached the hardware: it ends at once as `timed_out`. One that has goes
  /// on.
  void withdraw() { do_withdraw(); }
  /// How far the last drive has come.
  hal::Completion driven() const { return do_driven(); }

 private:
  Actuator* do_actuator() final { return this; }
  virtual void do_drive(const Value& value, Instant deadline) = 0;
  virtual void do_withdraw() = 0;
  virtual hal::Completion do_driven() const = 0;
};

}  // namespace signalbox::device
