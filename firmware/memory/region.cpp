#include "memory/region.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.hpp"
#include "memory/poison.hpp"

namespace signalbox::memory {
namespace {

constexpr std::uint32_t kUnit = Region::kAlignment;
constexpr std::uint32_t kSmallBytes = 256;  ///< below, one list for each multiple of 16

}  // namespace

Region::Region(std::span<std::byte> memory) {
  for (auto& seconds : lists_) seconds.fill(kNowhere);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  const std::size_t skip = (kUnit - address % kUnit + kUnit - kOverheadBytes) % kUnit;
  SIGNALBOX_CHECK(memory.size() >= 64 + skip && memory.size() <= 0x80000000U);
  base_ = memory.data() + skip;
  end_ = static_cast<std::uint32_t>((memory.size() - skip - sizeof(Header)) / kUnit * kUnit);
  gauge_.capacity = end_;
  ::new (static_cast<void*>(base_ + end_)) Header{0, mark_of(end_)};
  insert(0, end_);
}

Region::~Region() { unpoison(base_, end_ + sizeof(Header)); }

Region::Class Region::class_of(std::uint32_t size) {
  if (size < kSmallBytes) return {0, size / kUnit};
  const auto width = static_cast<std::uint32_t>(std::bit_width(size));
  return {width - 8, (size >> (width - 5)) - kSeconds};
}

std::uint32_t Region::block_bytes_for(std::size_t bytes) {
  if (bytes > 0x7FFFFFFFU) return kNowhere;
  const auto size = static_cast<std::uint32_t>((bytes + kOverheadBytes + kUnit - 1) / kUnit * kUnit);
  return std::max(size, kBlockBytesMin);
}

Region::Header& Region::header(std::uint32_t at) const {
  return *std::launder(reinterpret_cast<Header*>(base_ + at));
}

Region::Links& Region::links(std::uint32_t at) const {
  return *std::launder(reinterpret_cast<Links*>(base_ + at + sizeof(Header)));
}

std::uint32_t& Region::tail(std::uint32_t at) const {
  return *std::launder(reinterpret_cast<std::uint32_t*>(base_ + at - sizeof(std::uint32_t)));
}

void Region::insert(std::uint32_t at, std::uint32_t size) {
  unpoison(base_ + at, sizeof(Header) + sizeof(Links));
  unpoison(base_ + at + size - 8, 8);
  const auto [first, second] = class_of(size);
  std::uint32_t& list = lists_[first][second];
  header(at) = {size | kFree, 0};
  links(at) = {list, kNowhere};
  if (list != kNowhere) links(list).previous = at;
  list = at;
  first_map_ |= 1U << first;
  second_maps_[first] |= 1U << second;
  tail(at + size) = size;
  header(at + size).size_and_flags |= kPreviousFree;
}

void Region::remove(std::uint32_t at) {
  const std::uint32_t size = size_of(at);
  const auto [first, second] = class_of(size);
  const auto [next, previous] = links(at);
  if (next != kNowhere) links(next).previous = previous;
  if (previous != kNowhere) {
    links(previous).next = next;
  } else {
    lists_[first][second] = next;
    if (next == kNowhere) second_maps_[first] &= ~(1U << second);
    if (second_maps_[first] == 0) first_map_ &= ~(1U << first);
  }
  header(at + size).size_and_flags &= ~kPreviousFree;
}

std::uint32_t Region::find(std::uint32_t size) const {
  // Every block in a list above the size's own fits; in its own list the first is worth a look.
  auto [first, second] = class_of(size);
  const std::uint32_t own = lists_[first][second];
  if (own != kNowhere && size_of(own) >= size) return own;
  const std::uint32_t seconds = second + 1 < kSeconds ? second_maps_[first] & (~0U << (second + 1)) : 0;
  if (seconds != 0) return lists_[first][static_cast<std::size_t>(std::countr_zero(seconds))];
  const std::uint32_t firsts = first_map_ & (~0U << (first + 1));
  if (firsts == 0) return kNowhere;
  first = static_cast<std::uint32_t>(std::countr_zero(firsts));
  return lists_[first][static_cast<std::size_t>(std::countr_zero(second_maps_[first]))];
}

void Region::take(std::uint32_t at, std::uint32_t size) {
  const std::uint32_t whole = size_of(at);
  const std::uint32_t flags = header(at).size_and_flags & kPreviousFree;
  const std::uint32_t rest = whole - size;
  const std::uint32_t taken = rest >= kBlockBytesMin ? size : whole;
  unpoison(base_ + at, taken);
  header(at) = {taken | flags, mark_of(at)};
  if (taken != whole) insert(at + taken, rest);
  gauge_.took(taken);
}

void Region::give(std::uint32_t at, std::uint32_t size) {
  if (previous_is_free(at)) {
    const std::uint32_t before = tail(at);
    at -= before;
    size += before;
    remove(at);
  }
  if (is_free(at + size)) {
    const std::uint32_t after = size_of(at + size);
    remove(at + size);
    size += after;
  }
  insert(at, size);
}

void* Region::allocate(std::size_t bytes) {
  const std::uint32_t size = block_bytes_for(bytes);
  const std::uint32_t at = size <= end_ ? find(size) : kNowhere;
  if (at == kNowhere) {
    ++gauge_.refused;
    return nullptr;
  }
  remove(at);
  take(at, size);
  ++blocks_in_use_;
  return payload(at);
}

std::uint32_t Region::block_in_use(const void* pointer) const {
  SIGNALBOX_CHECK(owns(pointer) && reinterpret_cast<std::uintptr_t>(pointer) % kAlignment == 0);
  const auto at = static_cast<std::uint32_t>(static_cast<const std::byte*>(pointer) - base_ -
                                             std::ptrdiff_t{kOverheadBytes});
  SIGNALBOX_CHECK(header(at).mark == mark_of(at) && !is_free(at));
  return at;
}

void Region::release(void* block) {
  if (block == nullptr) return;
  const std::uint32_t at = block_in_use(block);
  const std::uint32_t size = size_of(at);
  header(at).mark = 0;
  poison(block, size - kOverheadBytes);
  gauge_.gave_back(size);
  --blocks_in_use_;
  give(at, size);
}

bool Region::grow_in_place(std::uint32_t at, std::uint32_t size) {
  const std::uint32_t old = size_of(at);
  const std::uint32_t next = at + old;
  if (!is_free(next) || old + size_of(next) < size) return false;
  const std::uint32_t whole = old + size_of(next);
  remove(next);
  header(at).size_and_flags += whole - old;
  gauge_.gave_back(old);
  take(at, size);
  return true;
}

void* Region::reallocate(void* block, std::size_t bytes) {
  if (block == nullptr) return allocate(bytes);
  const std::uint32_t at = block_in_use(block);
  const std::uint32_t old = size_of(at);
  const std::uint32_t size = block_bytes_for(bytes);
  if (size <= old) {
    if (old - size >= kBlockBytesMin) {
      header(at).size_and_flags -= old - size;
      header(at + size) = {old - size, 0};
      gauge_.gave_back(old - size);
      poison(base_ + at + size + sizeof(Header), old - size - sizeof(Header));
      give(at + size, old - size);
    }
    return block;
  }
  if (size <= end_ && grow_in_place(at, size)) return block;
  void* moved = allocate(bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, old - kOverheadBytes);
  release(block);
  return moved;
}

std::size_t Region::usable_bytes(const void* block) const {
  return size_of(block_in_use(block)) - kOverheadBytes;
}

bool Region::owns(const void* pointer) const {
  const auto* byte = static_cast<const std::byte*>(pointer);
  return byte >= base_ + kOverheadBytes && byte < base_ + end_;
}

bool Region::check() const {
  std::size_t taken_bytes = 0;
  std::size_t taken = 0;
  std::size_t free = 0;
  bool free_before = false;
  std::uint32_t at = 0;
  for (; at < end_; at += size_of(at)) {
    const std::uint32_t size = size_of(at);
    if (size < kBlockBytesMin || size % kUnit != 0 || size > end_ - at) return false;
    if (previous_is_free(at) != free_before || (is_free(at) && free_before)) return false;
    if (!is_free(at) && header(at).mark != mark_of(at)) return false;
    if (is_free(at) && tail(at + size) != size) return false;
    taken_bytes += is_free(at) ? 0 : size;
    (is_free(at) ? free : taken) += 1;
    free_before = is_free(at);
  }
  std::size_t listed = 0;
  for (std::uint32_t first = 0; first < kFirsts; ++first) {
    for (std::uint32_t second = 0; second < kSeconds; ++second) {
      const std::uint32_t head = lists_[first][second];
      const bool mapped = (first_map_ >> first & 1U) != 0 && (second_maps_[first] >> second & 1U) != 0;
      if (mapped != (head != kNowhere)) return false;
      for (std::uint32_t block = head; block != kNowhere; block = links(block).next, ++listed) {
        const Class its = class_of(size_of(block));
        if (!is_free(block) || its.first != first || its.second != second) return false;
      }
    }
  }
  return at == end_ && listed == free && taken == blocks_in_use_ && taken_bytes == gauge_.used;
}

std::size_t Region::largest_free_bytes() const {
  std::uint32_t largest = 0;
  for (std::uint32_t at = 0; at < end_; at += size_of(at))
    if (is_free(at)) largest = std::max(largest, size_of(at));
  return largest == 0 ? 0 : largest - kOverheadBytes;
}

}  // namespace signalbox::memory
