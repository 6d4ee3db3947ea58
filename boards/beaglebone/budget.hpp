#pragma once

#include "boards/sized_budget.hpp"

namespace signalbox::boards::beaglebone {

/// 512 MB and one core of 1 GHz: some dozens of clients, ten minutes of samples, one each second.
inline constexpr Budget budget = sized_budget(64, 16, 600);

}  // namespace signalbox::boards::beaglebone
