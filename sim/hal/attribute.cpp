#include "sim/hal/attribute.hpp"

namespace signalbox::sim {

bool Attribute::attach(const hal::AttributeSource& source, twins::Published& published) {
  if (sources_count_ == sources_.size()) return false;
  sources_[sources_count_++] = {source.subsystem, source.device, source.channel, &published};
  return true;
}

int Attribute::find(const hal::AttributeSource& source) const {
  for (std::size_t i = 0; i < sources_count_; ++i) {
    const Source& its = sources_[i];
    const bool is_any =
        source.subsystem == hal::AttributeSource::Subsystem::one_wire && source.device == "any";
    if (its.subsystem == source.subsystem && (is_any || its.device.view() == source.device) &&
        its.channel.view() == source.channel)
      return static_cast<int>(i);
  }
  return kNoSource;
}

void Attribute::do_read(int source, hal::AttributeReading& reading) {
  const auto place = static_cast<std::size_t>(source);
  if (source >= 0 && place < sources_count_) {
    const Source& its = sources_[place];
    const Timing timing =
        time_operation(faults_, its.device, now(), its.published->takes(), reading.deadline);
    if (readings_.add({&reading, timing, source, false})) return;
  }
  reading.completion = hal::Completion::failed;
}

void Attribute::do_finish_next() {
  const auto [reading, timing, place, writes] = readings_.take();
  reading->completion = timing.outcome;
  if (timing.outcome != hal::Completion::done) return;
  Source& its = sources_[static_cast<std::size_t>(place)];
  if (faults_.strikes(FaultKind::silent, its.device, timing.ends) != nullptr) {
    reading->completion = hal::Completion::absent;
    return;
  }
  const auto value = its.published->value();
  if (value)
    reading->value = *value;
  else
    reading->completion = hal::Completion::failed;
}

}  // namespace signalbox::sim
