#include "session/vitals.hpp"

namespace signalbox::session {
namespace {

/// Calls `write(channel, latest)` for each that they may read, which says whether it wrote an entry. Each
/// place for a channel counts, whatever a reload or a fault does between two parts.
template <typename Write>
void each_channel(protocol::MetricsWriter& writer, const Principal& who, const Context& context,
                  Write&& write) {
  const std::span<const device::Channel> channels = context.roster.channels();
  for (std::size_t i = 0; i < context.roster.channels_max(); ++i) {
    const bool is_readable =
        i < channels.size() && !channels[i].gone && who.may(Right::read, channels[i].path);
    if (!is_readable || !write(channels[i], context.values.of(static_cast<device::ChannelIndex>(i))))
      writer.pass();
  }
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
  using device::Channel;
  using device::Latest;
  writer.family("signalbox_channel_good", "gauge", "1 where the channel has a value that can be believed.");
  each_channel(writer, who, context, [&](const Channel& channel, const Latest& latest) {
    writer.sample(is_known(latest) ? 1 : 0, {{"channel", channel.path}});
    return true;
  });
  writer.family("signalbox_channel_age_seconds", "gauge", "How long ago its value was taken.");
  each_channel(writer, who, context, [&](const Channel& channel, const Latest& latest) {
    if (latest.was_read)
      writer.sample(static_cast<double>(to_ms(now - latest.sample.taken_at)) / 1000.0,
                    {{"channel", channel.path}});
    return latest.was_read;
  });
  writer.family("signalbox_channel_value", "gauge", "The channel's value; left out where it is not good.");
  each_channel(writer, who, context, [&](const Channel& channel, const Latest& latest) {
    const bool is_figure = is_known(latest) && channel.kind != device::ValueKind::text;
    if (is_figure)
      writer.sample(device::as_number(latest.sample.value),
                    {{"channel", channel.path}, {"unit", channel.unit}});
    return is_figure;
  });
}

}  // namespace signalbox::session
