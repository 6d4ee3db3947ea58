#include "sim/hal/analog.hpp"

namespace signalbox::sim {
namespace {

constexpr Duration kConversionTime{500};

}  // namespace

bool Analog::attach(std::string_view name, const twins::AnalogLevel& level) {
  if (inputs_count_ == inputs_.size()) return false;
  inputs_[inputs_count_++] = {name, &level, false, 0.0};
  return true;
}

int Analog::do_claim(std::string_view input) {
  for (std::size_t i = 0; i < inputs_count_; ++i) {
    if (inputs_[i].name.view() != input || inputs_[i].claimed) continue;
    inputs_[i].claimed = true;
    inputs_[i].last_volts = inputs_[i].level->volts();
    return static_cast<int>(i);
  }
  return kNoInput;
}

void Analog::do_release_input(int input) {
  const auto place = static_cast<std::size_t>(input);
  if (input >= 0 && place < inputs_count_) inputs_[place].claimed = false;
}

void Analog::do_read(int input, hal::AnalogReading& reading) {
  const bool known = input >= 0 && static_cast<std::size_t>(input) < inputs_count_;
  if (known) {
    const Timing timing = time_operation(faults_, inputs_[static_cast<std::size_t>(input)].name, now(),
                                         kConversionTime, reading.deadline);
    if (readings_.add({&reading, timing, input, false})) return;
  }
  reading.completion = hal::Completion::failed;
}

void Analog::do_finish_next() {
  const auto [reading, timing, place, writes] = readings_.take();
  reading->completion = timing.outcome;
  if (timing.outcome != hal::Completion::done) return;
  Input& input = inputs_[static_cast<std::size_t>(place)];
  if (faults_.strikes(FaultKind::stuck, input.name, timing.ends) == nullptr)
    input.last_volts = input.level->volts();
  reading->volts = input.last_volts;
}

}  // namespace signalbox::sim
