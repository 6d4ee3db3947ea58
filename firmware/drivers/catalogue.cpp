#include "drivers/catalogue.hpp"

#include "drivers/ads1115.hpp"
#include "drivers/analog_level.hpp"
#include "drivers/bme280.hpp"
#include "drivers/can_signal.hpp"
#include "drivers/digital_input.hpp"
#include "drivers/ds18b20.hpp"
#include "drivers/host_load.hpp"
#include "drivers/host_memory.hpp"
#include "drivers/host_traffic.hpp"
#include "drivers/host_uptime.hpp"
#include "drivers/hwmon.hpp"
#include "drivers/iio_channel.hpp"
#include "drivers/ina219.hpp"
#include "drivers/lm75.hpp"
#include "drivers/mcp3008.hpp"
#include "drivers/pulse_counter.hpp"
#include "drivers/pwm_fan.hpp"
#include "drivers/relay.hpp"
#include "drivers/serial_text.hpp"
#include "drivers/servo.hpp"
#include "drivers/thermal_zone.hpp"
#include "drivers/tmp102.hpp"

namespace signalbox::drivers {
namespace {

constexpr std::array kKinds{
    kAds1115,     kAnalogLevel, kBme280,     kCanSignal,  kDigitalInput, kDs18b20, kHostLoad, kHostMemory,
    kHostTraffic, kHostUptime,  kHwmon,      kIioChannel, kIna219,       kLm75,    kMcp3008,  kPulseCounter,
    kPwmFan,      kRelay,       kSerialText, kServo,      kThermalZone,  kTmp102,
};

}  // namespace

device::Catalogue catalogue() { return kKinds; }

}  // namespace signalbox::drivers
