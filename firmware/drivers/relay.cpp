#include "drivers/relay.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kRelayLine = 0;
constexpr std::size_t kRelayActiveLow = 1;
constexpr std::size_t kRelayPeriod = 2;

constexpr Duration kRelayPatience = from_ms(100);

bool is_on(const device::Value& value) { return device::as_number(value) != 0.0; }

}  // namespace

Relay::Relay(const device::PartSetup& setup)
    : digital_{setup.ports.digital},
      name_{setup.settings.text(kRelayLine)},
      active_low_{setup.settings.boolean(kRelayActiveLow)},
      initial_{is_on(setup.initial)},
      safe_{is_on(setup.safe)},
      cadence_{setup.settings.period(kRelayPeriod), device::Cadence::kOfOutput} {}

Relay::~Relay() {
  if (line_ != hal::Digital::kNoLine) digital_->release(line_);
}

Result<void> Relay::open() {
  if (digital_ != nullptr)
    line_ = digital_->claim_output(name_, initial_ != active_low_, safe_ != active_low_);
  if (line_ != hal::Digital::kNoLine) return {};
  return Error{Reason::not_found, format_text<95>("no free output line \"%s\" on this board", name_.c_str())};
}

void Relay::do_drive(const device::Value& value, Instant deadline) {
  write_.level = is_on(value) != active_low_;
  write_.deadline = deadline;
  write_taken_ = false;
  digital_->write(line_, write_);
}

Instant Relay::do_step(Instant now, device::ReadingSink& sink) {
  if (!write_taken_ && hal::is_final(write_.completion)) take_write(sink);
  if (hal::is_final(read_.completion)) take_read(now, sink);
  if (read_.completion == hal::Completion::pending) return kNever;
  if (!reads_now_ && !cadence_.is_due(now)) return cadence_.next();
  if (cadence_.is_due(now)) cadence_.begin(now);
  reads_now_ = false;
  read_.deadline = now + kRelayPatience;
  digital_->read(line_, read_);
  if (read_.completion == hal::Completion::pending) return kNever;
  take_read(now, sink);
  return cadence_.next();
}

void Relay::take_write(device::ReadingSink& sink) {
  write_taken_ = true;
  if (write_.completion == hal::Completion::failed)
    sink.fault(0, "line not writable");  // until the next reading shows what it does
  else
    reads_now_ = true;
}

void Relay::take_read(Instant now, device::ReadingSink& sink) {
  if (read_.completion == hal::Completion::done) {
    cadence_.succeeded();
    sink.reading(0, read_.level != active_low_);
  } else {
    cadence_.failed(now);
    sink.fault(0, "line not readable");
  }
  read_.completion = hal::Completion::idle;
}

}  // namespace signalbox::drivers
