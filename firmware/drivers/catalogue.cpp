#include "drivers/catalogue.hpp"

#include "drivers/analog_level.hpp"
#include "drivers/digital_input.hpp"
#include "drivers/host_load.hpp"
#include "drivers/host_memory.hpp"
#include "drivers/host_traffic.hpp"
#include "drivers/host_uptime.hpp"
#include "drivers/pwm_fan.hpp"
#include "drivers/relay.hpp"
#include "drivers/thermal_zone.hpp"
#include "drivers/tmp102.hpp"

namespace signalbox::drivers {
namespace {

constexpr std::array kKinds{
    kAnalogLevel, kDigitalInput, kHostLoad, kHostMemory,  kHostTraffic,
    kHostUptime,  kPwmFan,       kRelay,    kThermalZone, kTmp102,
};

}  // namespace

device::Catalogue catalogue() { return kKinds; }

}  // namespace signalbox::drivers
