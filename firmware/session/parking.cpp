#include "session/parking.hpp"

namespace signalbox::session {

std::optional<Parked> Parking::take(Handle session) {
  for (std::size_t i = 0; i < size_; ++i) {
    Parked& parked = slots_[(first_ + i) % slots_.size()];
    if (parked.session != session || parked.holder == control::kNobody) continue;
    const Parked taken = parked;
    parked.holder = control::kNobody;
    return taken;
  }
  return std::nullopt;
}

void Parking::forget_returned() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    const Parked parked = slots_[(first_ + i) % slots_.size()];
    if (parked.holder != control::kNobody) slots_[(first_ + kept++) % slots_.size()] = parked;
  }
  size_ = kept;
}

}  // namespace signalbox::session
