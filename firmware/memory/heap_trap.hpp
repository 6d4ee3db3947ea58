#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace signalbox::memory {

/// Counts every call to the C library's heap from `arm` on, by standing in for malloc and its family in the
/// program it is linked to. C++'s new and what the C library allocates for itself come through them as well.
///
/// A dynamically linked program needs nothing further; a static one is linked with `-z muldefs`. Under the
/// address sanitizer, which must own malloc, there is no trap.
class HeapTrap {
 public:
  static constexpr std::size_t kCallersMax = 8;
  static constexpr std::size_t kFramesMax = 12;

  /// Who called first: the function of the heap and the return addresses, innermost first, ended by nullptr.
  struct Caller {
    const char* function = nullptr;
    std::array<void*, kFramesMax> frames{};
  };

  /// False where this build has no trap; then nothing is ever counted.
  static bool is_linked();
  /// Starts counting at 0.
  static void arm();
  static void disarm();
  static std::uint64_t calls();
  /// The `index`-th call seen, or one without a function.
  static Caller caller(std::size_t index);
  /// Writes the count and the first callers to stderr, as addresses that addr2line takes, and mapping lines.
  static void report();
};

}  // namespace signalbox::memory
