#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/pool_gauge.hpp"

namespace signalbox::memory {

/// A heap inside memory lent by the owner, every call in constant time: two-level segregated fit (M. Masmano
/// et al., "TLSF: a new dynamic memory allocator for real-time systems", ECRTS 2004). Neighbours merge at
/// once.
class Region {
 public:
  static constexpr std::size_t kAlignment = 16;
  static constexpr std::size_t kOverheadBytes = 8;  ///< each block's header

  /// `memory` holds 64 bytes to 2 GiB and outlives the region.
  explicit Region(std::span<std::byte> memory);
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  ~Region();  ///< blocks still in use are lost with it

  /// At least `bytes` at a multiple of 16; nullptr, and counted, where no block is large enough. 0 bytes are
  /// a block too.
  void* allocate(std::size_t bytes);
  /// As C's realloc: keeps the content; the old block stays where nullptr is returned. A null `block`
  /// allocates.
  void* reallocate(void* block, std::size_t bytes);
  /// Gives a block back; nullptr is allowed. A pointer that is no block in use stops the program.
  void release(void* block);

  /// Bytes the caller may use of a block.
  std::size_t usable_bytes(const void* block) const;
  bool owns(const void* pointer) const;

  /// In bytes, headers included.
  const PoolGauge& gauge() const { return gauge_; }
  std::size_t blocks_in_use() const { return blocks_in_use_; }

  /// Walks all blocks and lists: sizes add up, no free neighbours, every free block in its list. For tests.
  bool check() const;
  /// The largest free block's usable bytes, by walking. For tests and the ledger.
  std::size_t largest_free_bytes() const;

 private:
  /// Sizes and places are in units of bytes from `base_`; a block starts with a Header, 8 bytes before a
  /// multiple of 16. While it is free, links follow, and its size stands in its last 4 bytes.
  struct Header {
    std::uint32_t size_and_flags;
    std::uint32_t mark;
  };
  struct Links {
    std::uint32_t next;
    std::uint32_t previous;
  };
  struct Class {
    std::uint32_t first;
    std::uint32_t second;
  };

  static constexpr std::uint32_t kFree = 1;
  static constexpr std::uint32_t kPreviousFree = 2;
  static constexpr std::uint32_t kFlags = 15;
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;
  static constexpr std::uint32_t kBlockBytesMin = 32;
  static constexpr std::uint32_t kSeconds = 16;  ///< subdivisions of each power of two
  static constexpr std::uint32_t kFirsts = 24;   ///< up to 2 GiB

  static Class class_of(std::uint32_t size);
  static std::uint32_t block_bytes_for(std::size_t bytes);

  Header& header(std::uint32_t at) const;
  Links& links(std::uint32_t at) const;
  std::uint32_t& tail(std::uint32_t at) const;
  std::uint32_t size_of(std::uint32_t at) const { return header(at).size_and_flags & ~kFlags; }
  bool is_free(std::uint32_t at) const { return (header(at).size_and_flags & kFree) != 0; }
  bool previous_is_free(std::uint32_t at) const { return (header(at).size_and_flags & kPreviousFree) != 0; }
  std::uint32_t mark_of(std::uint32_t at) const { return at ^ 0x5167AB0CU; }

  void* payload(std::uint32_t at) const { return base_ + at + kOverheadBytes; }
  /// The block behind a pointer given out; stops the program where there is none.
  std::uint32_t block_in_use(const void* pointer) const;

  void insert(std::uint32_t at, std::uint32_t size);
  void remove(std::uint32_t at);
  std::uint32_t find(std::uint32_t size) const;
  void take(std::uint32_t at, std::uint32_t size);
  void give(std::uint32_t at, std::uint32_t size);
  bool grow_in_place(std::uint32_t at, std::uint32_t size);

  std::byte* base_ = nullptr;
  std::uint32_t end_ = 0;  ///< place of the last, empty block
  std::uint32_t first_map_ = 0;
  std::array<std::uint32_t, kFirsts> second_maps_{};
  std::array<std::array<std::uint32_t, kSeconds>, kFirsts> lists_{};
  PoolGauge gauge_;
  std::size_t blocks_in_use_ = 0;
};

}  // namespace signalbox::memory
