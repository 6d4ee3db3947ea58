#pragma once

#include <cstddef>
#include <span>

namespace signalbox::hal {

/// Random bytes fit for keys.
class Entropy {
 public:
  /// Fills `bytes`; false where no good randomness can be had, and then nothing may be made from them.
  [[nodiscard]] bool fill(std::span<std::byte> bytes) { return do_fill(bytes); }

 protected:
  ~Entropy() = default;

 private:
  virtual bool do_fill(std::span<std::byte> bytes) = 0;
};

}  // namespace signalbox::hal
