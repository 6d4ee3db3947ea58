#pragma once

#include "hal/entropy.hpp"
#include "sim/dice.hpp"

namespace signalbox::sim {

/// Bytes that only look random: the same seed gives the same ones. For runs without real keys.
class Entropy final : public hal::Entropy {
 public:
  explicit Entropy(std::uint64_t seed) : dice_{seed} {}

  /// From now on there is none, as on a board whose generator has failed.
  void run_dry() { dry_ = true; }

 private:
  bool do_fill(std::span<std::byte> bytes) override {
    if (dry_) return false;
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(dice_.below(256));
    return true;
  }

  Dice dice_;
  bool dry_ = false;
};

}  // namespace signalbox::sim
