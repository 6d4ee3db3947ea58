#include "drivers/ds18b20.hpp"

#include <cmath>
#include <utility>

#include "base/log.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kDs18b20Id = 0;
constexpr std::size_t kDs18b20Period = 1;

}  // namespace

Ds18b20::Ds18b20(const device::PartSetup& setup)
    : AttributeSensor{setup.ports.attribute, setup.settings.period(kDs18b20Period)},
      id_{setup.settings.text(kDs18b20Id)} {
  if (id_.empty()) id_ = "any";
}

Result<void> Ds18b20::open() {
  return claim({hal::AttributeSource::Subsystem::one_wire, id_, {}}, "28- and 12 hex digits, or any");
}

std::string_view Ds18b20::do_judge(double celsius) {
  const bool lacked = std::exchange(
      lacks_conversion_, celsius == kPowerOnCelsius && std::abs(last_celsius_ - celsius) > kNearCelsius);
  if (lacks_conversion_ && !lacked)
    log(Severity::warning, "thermometer %s: it tells its power-on value, 85 °C: see to its supply",
        id_.c_str());
  if (lacks_conversion_) return "power-on value";
  last_celsius_ = celsius;
  return {};
}

}  // namespace signalbox::drivers
