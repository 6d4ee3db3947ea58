#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.hpp"
#include "base/pool_gauge.hpp"

namespace signalbox::memory {

/// Memory for one tree at a time: blocks are cut off the front, and all of it is free again when the last
/// block is given back. Nothing is found, joined or searched.
class Arena {
 public:
  static constexpr std::size_t kAlignment = 16;

  /// `memory` outlives the arena.
  explicit Arena(std::span<std::byte> memory) : memory_{memory} { gauge_.capacity = memory.size(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// `bytes` at a multiple of 16; nullptr, and counted, where they do not fit.
  void* allocate(std::size_t bytes) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data()) + gauge_.used;
    const std::size_t skip = (kAlignment - address % kAlignment) % kAlignment;
    const std::size_t free = memory_.size() - gauge_.used;
    if (skip > free || bytes > free - skip) {
      ++gauge_.refused;
      return nullptr;
    }
    std::byte* block = memory_.data() + gauge_.used + skip;
    gauge_.took(skip + bytes);
    ++blocks_in_use_;
    return block;
  }

  /// Gives a block back; nullptr is allowed. A pointer from elsewhere stops the program.
  void release(void* block) {
    if (block == nullptr) return;
    const auto* byte = static_cast<const std::byte*>(block);
    SIGNALBOX_CHECK(blocks_in_use_ > 0 && byte >= memory_.data() && byte <= memory_.data() + gauge_.used);
    if (--blocks_in_use_ == 0) gauge_.gave_back(gauge_.used);
  }

  const PoolGauge& gauge() const { return gauge_; }
  std::size_t blocks_in_use() const { return blocks_in_use_; }

 private:
  std::span<std::byte> memory_;
  PoolGauge gauge_;
  std::size_t blocks_in_use_ = 0;
};

}  // namespace signalbox::memory
