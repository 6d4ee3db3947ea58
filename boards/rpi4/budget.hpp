#pragma once

#include "boards/sized_budget.hpp"

namespace signalbox::boards::rpi4 {

/// The smallest has 1 GB, most have more: half of the bench's clients, an hour of samples, one each second.
inline constexpr Budget budget = sized_budget(500, 32, 3600);

}  // namespace signalbox::boards::rpi4
