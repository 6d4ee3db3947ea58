#include "telemetry/sampler.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::telemetry {
Instant Sampler::step(Instant now) {
  now_ = now;
  Instant next = kNever;
  for (device::Part& part : roster_.parts()) {
    if (part.sensor == nullptr || part.leaving) continue;
    if (now < part.due) {
      next = std::min(next, part.due);
      continue;
    }
    part_ = &part;
    const Instant due = part.sensor->step(now, *this);
    part.due = part.sensor->is_quiet() ? due : Instant::min();
    next = std::min(next, due);
  }
  part_ = nullptr;
  if (now >= stale_at_) mark_stale();
  return std::min(next, stale_at_);
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

void Sampler::redeclare(device::ChannelIndex channel) {
  values_.redeclare(channel);
  stale_at_ = Instant::min();
}

/// When it is, unless it is read again before.
Instant Sampler::stale_at(device::ChannelIndex index) const {
  const device::Sample& sample = values_.of(index).sample;
  if (!device::is_usable(sample.quality)) return kNever;  // a fault says more than its age
  return sample.taken_at + roster_.channels()[index].stale_after + Duration{1};
}

void Sampler::put(device::ChannelIndex index, const device::Sample& sample) {
  values_.put(index, sample);
  stale_at_ = std::min(stale_at_, stale_at(index));
  history_.put(index, values_.of(index));
}

void Sampler::lower(device::ChannelIndex index, device::Quality quality) {
  device::Sample sample = values_.of(index).sample;
  sample.quality = quality;
  sample.taken_at = now_;
  put(index, sample);
}

void Sampler::mark_stale() {
  stale_at_ = kNever;
  for (std::size_t i = 0; i < roster_.channels().size(); ++i) {
    const auto index = static_cast<device::ChannelIndex>(i);
    const Instant its = stale_at(index);
    if (now_ < its) {
      stale_at_ = std::min(stale_at_, its);
      continue;
    }
    // The age stays visible: a stale sample keeps the moment it was taken.
    device::Sample sample = values_.of(index).sample;
    sample.quality = device::Quality::stale;
    put(index, sample);
  }
}

}  // namespace signalbox::telemetry
