#pragma once

#include "boards/sized_budget.hpp"

namespace signalbox::boards::qemu_virt32 {

/// A small machine: some dozens of clients, ten minutes of samples, one each second.
inline constexpr Budget budget = sized_budget(64, 16, 600);

}  // namespace signalbox::boards::qemu_virt32
