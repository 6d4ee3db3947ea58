#pragma once

#include "boards/sized_budget.hpp"

namespace signalbox::boards::rpi5 {

/// Memory is plenty, and it has AES instructions: as many clients as the bench, an hour of samples, one each
/// second.
inline constexpr Budget budget = sized_budget(1000, 64, 3600);

}  // namespace signalbox::boards::rpi5
