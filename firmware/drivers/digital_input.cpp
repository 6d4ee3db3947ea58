#include "drivers/digital_input.hpp"

#include <utility>

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kDigitalInputLine = 0;
constexpr std::size_t kDigitalInputActiveLow = 1;
constexpr std::size_t kDigitalInputPeriod = 2;
constexpr std::size_t kDigitalInputBias = 3;
constexpr std::size_t kDigitalInputDebounce = 4;

constexpr Duration kDigitalInputPatience = from_ms(100);

}  // namespace

DigitalInput::DigitalInput(const device::PartSetup& setup)
    : digital_{setup.ports.digital},
      name_{setup.settings.text(kDigitalInputLine)},
      setup_{bias_of(setup.settings.text(kDigitalInputBias)), setup.settings.period(kDigitalInputDebounce),
             hal::Edges::both},
      active_low_{setup.settings.boolean(kDigitalInputActiveLow)},
      cadence_{setup.settings.period(kDigitalInputPeriod)} {}

DigitalInput::~DigitalInput() {
  if (line_ != hal::Digital::kNoLine) digital_->release(line_);
}

Result<void> DigitalInput::open() {
  if (digital_ != nullptr) line_ = digital_->claim_input(name_, setup_);
  if (line_ != hal::Digital::kNoLine) return {};
  return Error{Reason::not_found, format_text<95>("no free input line \"%s\" on this board", name_.c_str())};
}

Instant DigitalInput::do_step(Instant now, device::ReadingSink& sink) {
  if (hal::is_final(read_.completion)) take(now, sink);
  if (read_.completion == hal::Completion::pending) return kNever;
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  read_.deadline = now + kDigitalInputPatience;
  digital_->read(line_, read_);
  if (read_.completion == hal::Completion::pending) return kNever;
  take(now, sink);
  return cadence_.next();
}

void DigitalInput::take(Instant now, device::ReadingSink& sink) {
  if (read_.completion == hal::Completion::done) {
    cadence_.succeeded();
    sink.reading(0, level_to_show() != active_low_);
  } else {
    cadence_.failed(now);
    sink.fault(0, "line not readable");
  }
  read_.completion = hal::Completion::idle;
}

bool DigitalInput::level_to_show() {
  const hal::EdgeTally before = std::exchange(edges_, read_.edges);
  const bool moved = edges_.since == before.since && edges_.count != before.count;
  return shown_ = read_.level != (moved && read_.level == shown_);
}

}  // namespace signalbox::drivers
