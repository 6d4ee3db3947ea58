#include "drivers/hwmon.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kChip = 0;
constexpr std::size_t kHwmonInput = 1;
constexpr std::size_t kHwmonPeriod = 2;

}  // namespace

Hwmon::Hwmon(const device::PartSetup& setup)
    : AttributeSensor{setup.ports.attribute, setup.settings.period(kHwmonPeriod)},
      chip_{setup.settings.text(kChip)},
      input_{setup.settings.text(kHwmonInput)} {}

Result<void> Hwmon::open() {
  return claim({hal::AttributeSource::Subsystem::hwmon, chip_, input_}, "an input such as temp1, in0, fan1");
}

}  // namespace signalbox::drivers
