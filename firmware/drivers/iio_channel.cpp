#include "drivers/iio_channel.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kDevice = 0;
constexpr std::size_t kChannel = 1;
constexpr std::size_t kIioChannelPeriod = 2;

}  // namespace

IioChannel::IioChannel(const device::PartSetup& setup)
    : AttributeSensor{setup.ports.attribute, setup.settings.period(kIioChannelPeriod)},
      device_{setup.settings.text(kDevice)},
      channel_{setup.settings.text(kChannel)} {}

Result<void> IioChannel::open() {
  return claim({hal::AttributeSource::Subsystem::iio, device_, channel_}, "a channel such as in_voltage0");
}

}  // namespace signalbox::drivers
