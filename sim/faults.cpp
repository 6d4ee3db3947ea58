#include "sim/faults.hpp"

namespace signalbox::sim {

bool Faults::add(const Fault& fault) {
  if (count_ == faults_.size()) return false;
  faults_[count_++] = fault;
  return true;
}

void Faults::scatter(std::span<const FaultTarget> targets, Instant from, Instant until, std::size_t count,
                     Duration longest) {
  if (targets.empty() || until <= from) return;
  for (std::size_t i = 0; i < count; ++i) {
    const FaultTarget& target = targets[dice_.below(targets.size())];
    const Instant begin = from + dice_.below(until - from);
    const Duration length = dice_.below(longest) + Duration{1};
    const double chance = dice_.chance(0.5) ? 1.0 : dice_.fraction();
    if (!add({target.kind, target.name, begin, begin + length, chance})) return;
  }
}

const Fault* Faults::strikes(FaultKind kind, std::string_view target, Instant at) {
  for (const Fault& fault : planned()) {
    if (fault.kind != kind || fault.target.view() != target || at < fault.from || at >= fault.until) continue;
    if (fault.chance >= 1.0 || dice_.chance(fault.chance)) return &fault;
  }
  return nullptr;
}

}  // namespace signalbox::sim
