#include "device/roster.hpp"

#include <memory>

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

ChannelIndex Roster::find(std::string_view path) const {
  for (std::size_t i = 0; i < channels_count_; ++i)
    if (channel_slots_[i].path.view() == path) return static_cast<ChannelIndex>(i);
  return kNoChannel;
}

ChannelSet Roster::matching(std::string_view pattern) const {
  ChannelSet set;
  for (std::size_t i = 0; i < channels_count_; ++i)
    if (matches(pattern, channel_slots_[i].path)) set.set(i);
  return set;
}

BatonIndex Roster::find_baton(std::string_view name) const {
  for (BatonIndex i = 0; i < batons_count_; ++i)
    if (batons_[i].view() == name) return i;
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

Result<void> Roster::start(const hal::Platform::Ports& ports, bool safe) {
  for (Part& part : parts()) {
    PartSetup setup{ports, part.settings};
    const ChannelIndex output = part.channels[0];
    if (output != kNoChannel && channel_slots_[output].is_output()) {
      const OutputRules& rules = *channel_slots_[output].output;
      setup.initial = channel_slots_[output].uncalibrate(safe ? rules.safe : rules.initial);
    }
    const Result<Sensor*> made = part.kind->construct(part.place.data(), setup);
    if (!made) {
      stop();
      Error error = made.error();
      error.detail = format_text<95>("part %s (%s): %s", part.name.c_str(),
                                     FixedText<31>{part.kind->name}.c_str(), error.detail.c_str());
      return error;
    }
    part.sensor = *made;
  }
  return {};
}

void Roster::stop() {
  for (Part& part : parts()) {
    if (part.sensor != nullptr) std::destroy_at(part.sensor);
    part.sensor = nullptr;
  }
}

}  // namespace signalbox::device
