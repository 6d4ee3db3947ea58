#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "base/check.hpp"
#include "base/pool_gauge.hpp"

namespace signalbox {

/// Names one use of one slot. A handle kept too long finds nothing, never the next tenant.
struct Handle {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< 0: names nothing

  explicit operator bool() const { return generation != 0; }
  friend bool operator==(const Handle&, const Handle&) = default;
};

/// Equal slots over memory lent by the owner: take one in constant time, or be refused and counted.
template <typename T>
class SlotPool {
 public:
  /// One place of the pool; arrays of it are what the storage lends. What finding it looks at lies beside the
  /// first members of T, and a large one begins with a cache line.
  struct alignas(sizeof(T) > 512 ? 64 : alignof(T)) Slot {
    std::uint32_t generation = 0;
    std::uint32_t next_free = 0;
    bool taken = false;
    alignas(T) std::byte bytes[sizeof(T)];
  };

  explicit SlotPool(std::span<Slot> slots) : slots_{slots} { gauge_.capacity = slots.size(); }
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;
  ~SlotPool() {
    each([this](Handle handle, T&) { give_back(handle); });
  }

  /// Makes a T in a free slot; an empty handle where the pool is full.
  template <typename... Arguments>
  Handle take(Arguments&&... arguments) {
    std::uint32_t index = first_free_;
    if (index != kNoSlot) {
      first_free_ = slots_[index].next_free;
    } else if (ever_used_ < slots_.size()) {
      index = ever_used_++;
      slots_[index].generation = 0;  // the memory may have served another pool before
    } else {
      ++gauge_.refused;
      return {};
    }
    Slot& slot = slots_[index];
    ::new (static_cast<void*>(slot.bytes)) T(std::forward<Arguments>(arguments)...);
    slot.taken = true;
    if (++slot.generation == 0) slot.generation = 1;
    gauge_.took();
    return {index, slot.generation};
  }

  void give_back(Handle handle) {
    SIGNALBOX_CHECK(find(handle) != nullptr);
    Slot& slot = slots_[handle.index];
    std::destroy_at(object(slot));
    slot.taken = false;
    slot.next_free = first_free_;
    first_free_ = handle.index;
    gauge_.gave_back();
  }

  /// The object, or nullptr where the handle is stale.
  T* find(Handle handle) {
    if (handle.index >= ever_used_) return nullptr;
    Slot& slot = slots_[handle.index];
    return slot.taken && slot.generation == handle.generation ? object(slot) : nullptr;
  }
  const T* find(Handle handle) const { return const_cast<SlotPool*>(this)->find(handle); }

  T& at(Handle handle) {
    T* found = find(handle);
    SIGNALBOX_CHECK(found != nullptr);
    return *found;
  }

  /// The object in that place; nullptr where it is free.
  T* in_place(std::uint32_t index) {
    return index < ever_used_ && slots_[index].taken ? object(slots_[index]) : nullptr;
  }

  /// Calls `visit(handle, object)` for each taken slot; giving back the visited one is allowed.
  template <typename Visit>
  void each(Visit&& visit) {
    for (std::uint32_t i = 0; i < ever_used_; ++i)
      if (slots_[i].taken) visit(Handle{i, slots_[i].generation}, *object(slots_[i]));
  }

  /// The first object at that index or behind it; nullptr where there is none.
  T* first_from(std::uint32_t index) {
    for (; index < ever_used_; ++index)
      if (slots_[index].taken) return object(slots_[index]);
    return nullptr;
  }

  const PoolGauge& gauge() const { return gauge_; }

 private:
  static constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;

  static T* object(Slot& slot) { return std::launder(reinterpret_cast<T*>(slot.bytes)); }

  std::span<Slot> slots_;
  std::uint32_t first_free_ = kNoSlot;
  std::uint32_t ever_used_ = 0;  ///< slots beyond were never touched, so they cost no memory yet
  PoolGauge gauge_;
};

}  // namespace signalbox
