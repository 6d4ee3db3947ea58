#include "device/roster.hpp"

#include <memory>

#include "base/check.hpp"
#include "device/actuator.hpp"

namespace signalbox::device {

Channel* Roster::add_channel() {
  if (channels_count_ == channel_slots_.size()) return nullptr;
  Channel& channel = channel_slots_[channels_count_++];
  channel = Channel{};
  return &channel;
}

Part* Roster::add_part() {
  if (parts_count_ == part_slots_.size()) return nullptr;
  Part& part = part_slots_[parts_count_++];
  part = Part{};
  return &part;
}

void Roster::clear() {
  stop();
  id.clear();
  title.clear();
  stop_input.reset();
  for (FixedText<31>& baton : batons_) baton.clear();
  resize(0, 0, 0);
}

void Roster::resize(std::size_t channels, std::size_t parts, std::size_t batons) {
  SIGNALBOX_CHECK(channels <= channel_slots_.size() && parts <= part_slots_.size() && batons <= kBatonsMax);
  channels_count_ = channels;
  parts_count_ = parts;
  batons_count_ = static_cast<std::uint8_t>(batons);
}

ChannelIndex Roster::find(std::string_view path) const {
  for (std::size_t i = 0; i < channels_count_; ++i)
    if (channel_slots_[i].path.view() == path && !channel_slots_[i].gone) return static_cast<ChannelIndex>(i);
  return kNoChannel;
}

ChannelSet Roster::matching(std::string_view pattern) const {
  ChannelSet set;
  for (std::size_t i = 0; i < channels_count_; ++i)
    if (!channel_slots_[i].gone && matches(pattern, channel_slots_[i].path)) set.set(i);
  return set;
}

BatonIndex Roster::find_baton(std::string_view name) const {
  for (BatonIndex i = 0; i < batons_count_; ++i)
    if (batons_[i].view() == name && !name.empty()) return i;
  return kNoBaton;
}

BatonIndex Roster::add_baton(std::string_view name) {
  const BatonIndex known = find_baton(name);
  if (known != kNoBaton || batons_count_ == kBatonsMax) return known;
  batons_[batons_count_] = name;
  return batons_count_++;
}

Actuator* Roster::actuator(ChannelIndex channel) {
  if (channel >= channels_count_ || !channel_slots_[channel].is_output()) return nullptr;
  Sensor* sensor = part_slots_[channel_slots_[channel].part].sensor;
  return sensor != nullptr ? sensor->actuator() : nullptr;
}

Result<void> Roster::start(Part& part, const hal::Platform::Ports& ports, bool safe) {
  PartSetup setup{ports, part.settings};
  for (std::size_t port = 0; port < kPortsMax; ++port)
    setup.is_used[port] = part.channels[port] != kNoChannel;
  const ChannelIndex output = part.channels[0];
  if (output != kNoChannel && channel_slots_[output].is_output()) {
    const OutputRules& rules = *channel_slots_[output].output;
    setup.safe = channel_slots_[output].uncalibrate(rules.safe);
    setup.initial = safe ? setup.safe : channel_slots_[output].uncalibrate(rules.initial);
  }
  const Result<Sensor*> made = part.kind->construct(part.place.data(), setup);
  if (made) {
    part.sensor = *made;
    part.leaving = false;
    return {};
  }
  Error error = made.error();
  error.detail = format_text<95>("part %s (%s): %s", part.name.c_str(),
                                 FixedText<31>{part.kind->name}.c_str(), error.detail.c_str());
  return error;
}

void Roster::stop(Part& part) {
  if (part.sensor != nullptr) std::destroy_at(part.sensor);
  part.sensor = nullptr;
  part.leaving = false;
}

Result<void> Roster::start(const hal::Platform::Ports& ports, bool safe) {
  for (Part& part : parts()) {
    const Result<void> started = start(part, ports, safe);
    if (started) continue;
    stop();
    return started;
  }
  return {};
}

void Roster::stop() {
  for (Part& part : parts()) stop(part);
}

}  // namespace signalbox::device
