#pragma once

#include <cstddef>

#include "base/instant.hpp"
#include "base/pool_gauge.hpp"

namespace signalbox::link {

/// The blocks in which TLS records lie that came in part, or are read in part: each as long as its record,
/// all together no longer than the cap, in mbedTLS's region. In the order in which they were taken.
class CutRecords {
 public:
  struct Block {
    Block* older;
    Block* newer;
    void* owner;
    Instant since;     ///< of its record's first call
    std::size_t room;  ///< bytes behind it

    unsigned char* bytes() { return reinterpret_cast<unsigned char*>(this + 1); }
  };

  CutRecords() = default;
  CutRecords(const CutRecords&) = delete;
  CutRecords& operator=(const CutRecords&) = delete;

  void set_cap(std::size_t bytes) { gauge_.capacity = bytes; }
  /// Whether it could have so many bytes if there were no others.
  bool may_fit(std::size_t bytes) const { return bytes <= gauge_.capacity; }
  /// nullptr: beyond the cap, or the region is full.
  Block* take(void* owner, std::size_t bytes, Instant since);
  /// Wipes it first.
  void give_back(Block& block);

  Block* oldest() const { return oldest_; }
  /// In bytes; refused: those who lost their records for want of room.
  const PoolGauge& gauge() const { return gauge_; }
  void count_refused() { ++gauge_.refused; }

 private:
  Block* oldest_ = nullptr;
  Block* newest_ = nullptr;
  PoolGauge gauge_;
};

}  // namespace signalbox::link
