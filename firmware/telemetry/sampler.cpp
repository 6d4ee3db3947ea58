#include "telemetry/sampler.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::telemetry {
namespace {

constexpr Duration kStaleCheckPeriod = from_ms(100);

}  // namespace

Instant Sampler::step(Instant now) {
  now_ = now;
  Instant next = kNever;
  for (device::Part& part : roster_.parts()) {
    if (part.sensor == nullptr || part.leaving) continue;
    part_ = &part;
    next = std::min(next, part.sensor->step(now, *this));
  }
  part_ = nullptr;
  if (now >= stale_check_at_) {
    mark_stale();
    stale_check_at_ = now + kStaleCheckPeriod;
  }
  return std::min(next, stale_check_at_);
}

void Sampler::do_reading(std::uint8_t port, const device::Value& value, Instant taken_at) {
  const device::ChannelIndex index = part_->channels[port];
  if (index == device::kNoChannel) return;
  const device::Channel& channel = roster_.channels()[index];
  device::Value told = value;
  if (double* number = std::get_if<double>(&told)) {
    *number = channel.scale * *number + channel.offset;
    if (!std::isfinite(*number) || *number < channel.min || *number > channel.max) {
      lower(index, device::Quality::fault);
      return;
    }
  }
  const bool real = part_->kind->reads_host || !simulated_;
  put(index, {told, real ? device::Quality::good : device::Quality::simulated,
              std::min(std::max(taken_at, values_.of(index).sample.taken_at), now_)});
}

void Sampler::do_fault(std::uint8_t port, std::string_view) {
  const device::ChannelIndex index = part_->channels[port];
  if (index != device::kNoChannel) lower(index, device::Quality::fault);
}

void Sampler::forget(device::ChannelIndex channel, Instant now) {
  values_.forget(channel, now);
  history_.put(channel, values_.of(channel));
}

void Sampler::put(device::ChannelIndex index, const device::Sample& sample) {
  values_.put(index, sample);
  history_.put(index, values_.of(index));
}

void Sampler::lower(device::ChannelIndex index, device::Quality quality) {
  device::Sample sample = values_.of(index).sample;
  sample.quality = quality;
  sample.taken_at = now_;
  put(index, sample);
}

void Sampler::mark_stale() {
  const std::span<const device::Channel> channels = roster_.channels();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto index = static_cast<device::ChannelIndex>(i);
    const device::Latest& latest = values_.of(index);
    if (!device::is_usable(latest.sample.quality)) continue;  // a fault says more than its age
    if (now_ - latest.sample.taken_at <= channels[i].stale_after) continue;
    // The age stays visible: a stale sample keeps the moment it was taken.
    device::Sample sample = latest.sample;
    sample.quality = device::Quality::stale;
    put(index, sample);
  }
}

}  // namespace signalbox::telemetry
