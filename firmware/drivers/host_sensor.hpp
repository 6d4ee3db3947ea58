#pragma once

#include "device/cadence.hpp"
#include "device/part_kind.hpp"

namespace signalbox::drivers {

/// What the kinds that measure the machine itself share: they ask at once, every period. Not a kind itself; a
/// kind's first setting is `periodMs`.
class HostSensor : public device::Sensor {
 public:
  /// Error `notFound` where the board offers none.
  Result<void> open() {
    if (host_ == nullptr) return Error{Reason::not_found, "this board offers no readings of its machine"};
    return {};
  }

 protected:
  explicit HostSensor(const device::PartSetup& setup)
      : host_{setup.ports.host}, cadence_{setup.settings.period(0)} {}

 private:
  /// Reports what the machine says now.
  virtual void do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) = 0;

  Instant do_step(Instant now, device::ReadingSink& sink) override {
    if (!cadence_.is_due(now)) return cadence_.next();
    cadence_.begin(now);
    do_measure(*host_, now, sink);
    return cadence_.next();
  }
  bool do_is_quiet() const override { return true; }

  hal::Host* host_;
  device::Cadence cadence_;
};

}  // namespace signalbox::drivers
