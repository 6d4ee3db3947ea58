#include "drivers/pulse_counter.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kPulseCounterLine = 0;
constexpr std::size_t kPulseCounterActiveLow = 1;
constexpr std::size_t kPulseCounterPeriod = 2;
constexpr std::size_t kPulseCounterBias = 3;
constexpr std::size_t kPulseCounterDebounce = 4;
constexpr std::size_t kPerUnit = 5;

/// 1 W on a meter with 1,000 pulses for each kWh.
constexpr Duration kPulseCounterStandstill = std::chrono::hours{1};

}  // namespace

PulseCounter::PulseCounter(const device::PartSetup& setup)
    : input_{setup.ports.digital,
             setup.settings.text(kPulseCounterLine),
             {bias_of(setup.settings.text(kPulseCounterBias)), setup.settings.period(kPulseCounterDebounce),
              setup.settings.boolean(kPulseCounterActiveLow) ? hal::Edges::falling : hal::Edges::rising},
             kPulseCounterStandstill},
      per_unit_{setup.settings.number(kPerUnit)},
      cadence_{setup.settings.period(kPulseCounterPeriod)} {}

Instant PulseCounter::do_step(Instant now, device::ReadingSink& sink) {
  if (input_.take()) tell(now, sink);
  if (input_.is_pending()) return kNever;
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  input_.ask(now);
  if (input_.is_pending()) return kNever;
  if (input_.take()) tell(now, sink);
  return cadence_.next();
}

void PulseCounter::tell(Instant now, device::ReadingSink& sink) {
  if (input_.fault().empty()) {
    cadence_.succeeded();
    sink.reading(0, static_cast<double>(input_.pulses()) / per_unit_);
    sink.reading(1, input_.per_second() / per_unit_);
    return;
  }
  cadence_.failed(now);
  sink.fault(0, input_.fault());
  sink.fault(1, input_.fault());
}

}  // namespace signalbox::drivers
