#pragma once

#include "hal/entropy.hpp"

namespace signalbox::hal::kernel {

/// The kernel's generator (getrandom(2)): waits at boot until it is seeded, never returns less than good
/// bytes.
class Entropy final : public hal::Entropy {
 private:
  bool do_fill(std::span<std::byte> bytes) override;
};

}  // namespace signalbox::hal::kernel
