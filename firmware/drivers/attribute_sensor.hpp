#pragma once

#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/attribute.hpp"

namespace signalbox::drivers {

/// Base of the part kinds that read a number which the operating system publishes.
class AttributeSensor : public device::Sensor {
 public:
  ~AttributeSensor() override {
    if (source_ != hal::Attribute::kNoSource) attribute_->release(source_);
  }

 protected:
  AttributeSensor(hal::Attribute* attribute, Duration period) : attribute_{attribute}, cadence_{period} {}

  /// Error `notFound` where there can be no such source: `expected` says what there can be.
  Result<void> claim(const hal::AttributeSource& source, const char* expected) {
    if (attribute_ == nullptr) return Error{Reason::not_found, "this board offers no sensors of its system"};
    source_ = attribute_->claim(source);
    if (source_ != hal::Attribute::kNoSource) return {};
    return Error{Reason::not_found,
                 format_text<95>("no source %.*s%s%.*s; expected %s", length(source.device),
                                 source.device.data(), source.channel.empty() ? "" : " ",
                                 length(source.channel), source.channel.data(), expected)};
  }

 private:
  /// Others may be in front of it: a dozen thermometers on one 1-wire bus take nine seconds.
  static constexpr Duration kPatience = from_ms(10'000);

  /// Why a number is no reading; empty where it is one.
  virtual std::string_view do_judge(double /*value*/) { return {}; }
  /// Why there is none, where the source is there and tells nothing that is a number.
  virtual std::string_view do_failure() const { return "not readable"; }

  Instant do_step(Instant now, device::ReadingSink& sink) override {
    if (hal::is_final(reading_.completion)) take(now, sink);
    if (reading_.completion == hal::Completion::pending) return kNever;
    if (!cadence_.is_due(now)) return cadence_.next();
    cadence_.begin(now);
    reading_.deadline = now + kPatience;
    attribute_->read(source_, reading_);
    if (reading_.completion == hal::Completion::pending) return kNever;
    take(now, sink);
    return cadence_.next();
  }
  bool do_is_quiet() const override { return reading_.completion != hal::Completion::pending; }

  void take(Instant now, device::ReadingSink& sink) {
    const std::string_view why = fault();
    if (why.empty()) {
      cadence_.succeeded();
      sink.reading(0, reading_.value);
    } else {
      cadence_.failed(now);
      sink.fault(0, why);
    }
    reading_.completion = hal::Completion::idle;
  }
  std::string_view fault() {
    switch (reading_.completion) {
      case hal::Completion::done: return do_judge(reading_.value);
      case hal::Completion::absent: return "not there";
      case hal::Completion::timed_out: return "not read in time";
      default: return do_failure();
    }
  }

  hal::Attribute* attribute_;
  device::Cadence cadence_;
  int source_ = hal::Attribute::kNoSource;
  hal::AttributeReading reading_{};
};

}  // namespace signalbox::drivers
