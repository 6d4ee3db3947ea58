#include "session/vitals.hpp"

namespace signalbox::session {
namespace {

/// Calls `write(channel, latest)` for each that they may read.
template <typename Write>
void each_readable(const Principal& who, const Context& context, Write&& write) {
  const std::span<const device::Channel> channels = context.roster.channels();
  for (std::size_t i = 0; i < channels.size(); ++i)
    if (!channels[i].gone && who.may(Right::read, channels[i].path))
      write(channels[i], context.values.of(static_cast<device::ChannelIndex>(i)));
}

bool is_known(const device::Latest& latest) {
  return latest.was_read && device::is_usable(latest.sample.quality);
}

}  // namespace

void write_metrics(protocol::MetricsWriter& writer, const Principal& who, const Context& context,
                   Instant now) {
  writer.family("signalbox_info", "gauge", "Which device this is, and which run of it.");
  writer.sample(
      1, {{"device", context.roster.id}, {"version", context.firmware_version}, {"epoch", context.epoch}});
  writer.family("signalbox_stopped", "gauge",
                "1 while the device is stopped: outputs stay safe until a reset.");
  writer.sample(context.controller.is_stopped() ? 1 : 0);
  if (context.vitals != nullptr) context.vitals->write(writer);
  // Last, since a reload changes how many they are.
  writer.family("signalbox_channel_good", "gauge", "1 where the channel has a value that can be believed.");
  each_readable(who, context, [&](const device::Channel& channel, const device::Latest& latest) {
    writer.sample(is_known(latest) ? 1 : 0, {{"channel", channel.path}});
  });
  writer.family("signalbox_channel_age_seconds", "gauge", "How long ago its value was taken.");
  each_readable(who, context, [&](const device::Channel& channel, const device::Latest& latest) {
    if (latest.was_read)
      writer.sample(static_cast<double>(to_ms(now - latest.sample.taken_at)) / 1000.0,
                    {{"channel", channel.path}});
  });
  writer.family("signalbox_channel_value", "gauge", "The channel's value; left out where it is not good.");
  each_readable(who, context, [&](const device::Channel& channel, const device::Latest& latest) {
    if (is_known(latest) && channel.kind != device::ValueKind::text)
      writer.sample(device::as_number(latest.sample.value),
                    {{"channel", channel.path}, {"unit", channel.unit}});
  });
}

}  // namespace signalbox::session
