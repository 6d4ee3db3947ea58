#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.hpp"

namespace signalbox {

/// First in, first out over memory lent by the owner. A full ring refuses; it never overwrites.
template <typename T>
class Ring {
 public:
  Ring() = default;
  explicit Ring(std::span<T> slots) : slots_{slots} {}

  bool push(const T& value) {
    if (full()) return false;
    slots_[place(size_)] = value;
    ++size_;
    return true;
  }
  T& front() { return (*this)[0]; }
  void pop() {
    SIGNALBOX_CHECK(size_ > 0);
    first_ = static_cast<std::uint32_t>(place(1));
    --size_;
  }
  void drop_newest() {
    SIGNALBOX_CHECK(size_ > 0);
    --size_;
  }
  /// The `index`-th oldest.
  T& operator[](std::size_t index) {
    SIGNALBOX_CHECK(index < size_);
    return slots_[place(index)];
  }
  const T& operator[](std::size_t index) const { return const_cast<Ring&>(*this)[index]; }

  void clear() { first_ = size_ = 0; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return slots_.size(); }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == slots_.size(); }

 private:
  /// No division: a row of telemetry is asked several times for each delivery.
  std::size_t place(std::size_t index) const {
    const std::size_t at = first_ + index;
    return at < slots_.size() ? at : at - slots_.size();
  }

  std::span<T> slots_;
  // Of half the size: a ring has no more places, and lies beside what is looked at with it.
  std::uint32_t first_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace signalbox
