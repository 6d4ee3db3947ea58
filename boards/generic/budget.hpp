#pragma once

#include "boards/sized_budget.hpp"

namespace signalbox::boards::generic {

/// Whatever machine somebody installs the package on, from 128 MB on: a tenth of the bench's clients, 17
/// minutes of samples, one each second.
inline constexpr Budget budget = sized_budget(100, 32, 1024);

}  // namespace signalbox::boards::generic
