#include "session/parking.hpp"

#include <utility>

namespace signalbox::session {

std::optional<control::Holder> Parking::take(Handle session) {
  for (std::size_t i = 0; i < size_; ++i) {
    Parked& parked = slots_[(first_ + i) % slots_.size()];
    if (parked.session != session || parked.holder == control::kNobody) continue;
    return std::exchange(parked.holder, control::kNobody);
  }
  return std::nullopt;
}

}  // namespace signalbox::session
