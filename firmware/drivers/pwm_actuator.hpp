#pragma once

#include <algorithm>

#include "device/actuator.hpp"
#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/pwm.hpp"

namespace signalbox::drivers {

/// What is driven by the duty cycle of a PWM output. Its port 0 shows what was set last, or that it was made
/// safe meanwhile; the output cannot be read back.
class PwmActuator : public device::Actuator {
 public:
  ~PwmActuator() override {
    if (output_ != hal::Pwm::kNoOutput) pwm_->release(output_);
  }
  Result<void> open() {
    if (pwm_ != nullptr) output_ = pwm_->claim(name_, frequency_hz_, do_duty(value_), do_duty(safe_));
    if (output_ != hal::Pwm::kNoOutput) return {};
    return Error{Reason::not_found,
                 format_text<95>("no free PWM output \"%s\" on this board", name_.c_str())};
  }

 protected:
  /// Values are from 0 to `max`.
  PwmActuator(const device::PartSetup& setup, std::string_view name, std::uint32_t frequency_hz,
              Duration period, double max)
      : pwm_{setup.ports.pwm},
        name_{name},
        frequency_hz_{frequency_hz},
        cadence_{period},
        max_{max},
        value_{within(setup.initial)},
        asked_{value_},
        safe_{within(setup.safe)} {}

  Instant do_step(Instant now, device::ReadingSink& sink) override {
    const bool written = !write_taken_ && hal::is_final(write_.completion);
    if (written) take_write();
    if (!written && !cadence_.is_due(now)) return cadence_.next();
    if (cadence_.is_due(now)) cadence_.begin(now);
    const hal::PwmHolds holds = pwm_->holds(output_);
    if (holds == hal::PwmHolds::safe) {
      value_ = safe_;
      is_known_ = true;
    }
    if (is_known_ && holds != hal::PwmHolds::unknown)
      sink.reading(0, value_);
    else
      sink.fault(0, "output not writable");
    return cadence_.next();
  }
  bool do_is_quiet() const override { return write_.completion != hal::Completion::pending; }
  void do_drive(const device::Value& value, Instant deadline) override {
    asked_ = within(value);  // kept as asked: 55 / 100 * 100 is not 55
    write_.duty = do_duty(asked_);
    write_.deadline = deadline;
    write_taken_ = false;
    pwm_->write(output_, write_);
  }
  /// Whether the next step tells again what was set.
  bool is_due(Instant now) const { return cadence_.is_due(now); }
  hal::Pwm& pwm() const { return *pwm_; }
  int output() const { return output_; }

 private:
  /// The duty cycle, 0 to 1, of a value.
  virtual double do_duty(double value) const = 0;
  void do_withdraw() override { pwm_->withdraw(write_); }
  hal::Completion do_driven() const override { return write_.completion; }

  double within(const device::Value& value) const { return std::clamp(device::as_number(value), 0.0, max_); }
  void take_write() {
    write_taken_ = true;
    if (write_.completion == hal::Completion::done) {
      value_ = asked_;
      is_known_ = true;
    } else if (write_.completion == hal::Completion::failed) {
      is_known_ = false;
    }
  }

  hal::Pwm* pwm_;
  device::Text name_;
  std::uint32_t frequency_hz_;
  device::Cadence cadence_;
  double max_;
  double value_;  ///< what the output holds
  double asked_;  ///< what it is being set to
  double safe_;
  bool is_known_ = true;  ///< false after a write failed halfway, until one succeeds
  int output_ = hal::Pwm::kNoOutput;
  hal::PwmOperation write_{};
  bool write_taken_ = true;
};

}  // namespace signalbox::drivers
