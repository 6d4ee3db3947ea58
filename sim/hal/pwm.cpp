#include "sim/hal/pwm.hpp"

#include <algorithm>

namespace signalbox::sim {
namespace {

constexpr Duration kPwmLatency{300};

}  // namespace

bool Pwm::attach(std::string_view name, twins::PwmLoad& load) {
  if (outputs_count_ == outputs_.size()) return false;
  outputs_[outputs_count_++] = {name, &load, 0, false};
  return true;
}

bool Pwm::has(std::string_view name) const {
  return std::any_of(outputs_.begin(), outputs_.begin() + outputs_count_,
                     [name](const Output& its) { return its.name.view() == name; });
}

int Pwm::do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
                  double /*safe_duty*/) {
  for (std::size_t i = 0; i < outputs_count_; ++i) {
    if (outputs_[i].name.view() != output || outputs_[i].claimed) continue;
    outputs_[i].claimed = true;
    outputs_[i].frequency_hz = frequency_hz;
    outputs_[i].load->pulse(now(), frequency_hz, initial_duty);
    return static_cast<int>(i);
  }
  return kNoOutput;
}

void Pwm::do_release_output(int output) {
  const auto place = static_cast<std::size_t>(output);
  if (output >= 0 && place < outputs_count_) outputs_[place].claimed = false;
}

void Pwm::do_write(int output, hal::PwmOperation& operation) {
  const bool known = output >= 0 && static_cast<std::size_t>(output) < outputs_count_;
  if (known) {
    const Timing timing = time_operation(faults_, outputs_[static_cast<std::size_t>(output)].name, now(),
                                         kPwmLatency, operation.deadline);
    if (operations_.add({&operation, timing, output, true})) return;
  }
  operation.completion = hal::Completion::failed;
}

void Pwm::do_finish_next() {
  const auto [operation, timing, place, writes] = operations_.take();
  operation->completion = timing.outcome;
  if (timing.outcome != hal::Completion::done) return;
  const Output& output = outputs_[static_cast<std::size_t>(place)];
  if (faults_.strikes(FaultKind::stuck, output.name, timing.ends) == nullptr)
    output.load->pulse(timing.ends, output.frequency_hz, operation->duty);
}

}  // namespace signalbox::sim
