#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "sim/dice.hpp"

namespace signalbox::sim {

/// What can go wrong with a simulated bus, chip, line or store.
enum class FaultKind : std::uint8_t {
  hung,    ///< nothing happens until the fault ends, and never what has to have begun by then
  stuck,   ///< a line, input or output keeps its level
  silent,  ///< a chip does not answer its address
  slow,    ///< an operation takes 50 ms longer
  fails,   ///< the port refuses the operation
};

constexpr std::string_view wire_name(FaultKind kind) {
  constexpr std::array<std::string_view, 5> names{"hung", "stuck", "silent", "slow", "fails"};
  return names[static_cast<std::size_t>(kind)];
}

/// One thing that can be hit, by the name its port uses: `i2c-1`, `i2c-1/72`, a line, an input, an output,
/// `store`.
struct FaultTarget {
  FaultKind kind = FaultKind::fails;
  std::string_view name;
};

/// One fault over a span of time.
struct Fault {
  FaultKind kind = FaultKind::fails;
  FixedText<31> target;
  Instant from{};
  Instant until = kNever;
  double chance = 1.0;  ///< of hitting each single operation
};

/// The faults of a run. Seeded, so that a run can be repeated.
class Faults {
 public:
  static constexpr std::size_t kFaultsMax = 64;
  static constexpr Duration kSlowness = from_ms(50);

  explicit Faults(std::uint64_t seed = 1) : dice_{seed} {}

  /// False where the plan is full.
  bool add(const Fault& fault);
  /// Spreads `count` faults of at most `longest` each over the time and the targets, by the seed.
  void scatter(std::span<const FaultTarget> targets, Instant from, Instant until, std::size_t count,
               Duration longest);
  void clear() { count_ = 0; }

  /// The fault that hits an operation of that target at that moment, or nullptr.
  const Fault* strikes(FaultKind kind, std::string_view target, Instant at);
  std::span<const Fault> planned() const { return {faults_.data(), count_}; }

 private:
  Dice dice_;
  std::array<Fault, kFaultsMax> faults_{};
  std::size_t count_ = 0;
};

}  // namespace signalbox::sim
