#pragma once

#include "boards/sized_budget.hpp"

namespace signalbox::boards::rpi3 {

/// 1 GB, most of it for what else runs there: a quarter of the bench's clients, an hour of samples, one each
/// second.
inline constexpr Budget budget = sized_budget(250, 32, 3600);

}  // namespace signalbox::boards::rpi3
