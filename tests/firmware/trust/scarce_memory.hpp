#pragma once

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <malloc.h>
#include <mbedtls/platform.h>

namespace signalbox::trust {

/// While it lives, mbedTLS gets so many blocks of memory and then none, and holds so many bytes at a time.
class ScarceMemory {
 public:
  static constexpr int kPlenty = std::numeric_limits<int>::max();

  explicit ScarceMemory(int blocks, std::size_t bytes = std::size_t{1} << 30U) {
    blocks_left = blocks;
    bytes_left = bytes;
    mbedtls_platform_set_calloc_free(take_zeroed, give_back);
  }
  ScarceMemory(const ScarceMemory&) = delete;
  ScarceMemory& operator=(const ScarceMemory&) = delete;
  ~ScarceMemory() { mbedtls_platform_set_calloc_free(std::calloc, std::free); }
  static int left() { return blocks_left; }
  static void run_out() { blocks_left = 0; }

 private:
  static void* take_zeroed(std::size_t count, std::size_t bytes) {
    if (blocks_left == 0 || count * bytes > bytes_left) return nullptr;
    --blocks_left;
    void* block = std::calloc(count, bytes);
    bytes_left -= std::min(bytes_left, malloc_usable_size(block));
    return block;
  }
  static void give_back(void* block) {
    bytes_left += malloc_usable_size(block);
    std::free(block);
  }

  static inline int blocks_left = 0;
  static inline std::size_t bytes_left = 0;
};

/// Has it attempted with ever more memory until that is enough; `refused` looks at each result before. All of
/// the first and last amounts are tried, of those between them every some.
template <typename Attempt, typename Refused>
void attempt_in_scarce_memory(Attempt attempt, Refused refused, int each = 40) {
  int needed = 0;
  {
    const ScarceMemory ample{ScarceMemory::kPlenty};
    ASSERT_TRUE(attempt().has_value());
    needed = ScarceMemory::kPlenty - ScarceMemory::left();
  }
  ASSERT_GT(needed, 0) << "it needs none";
  const int step = std::max(1, needed / each);
  for (int blocks = 0; blocks < needed; blocks += blocks < each || blocks + step > needed - each ? 1 : step) {
    const ScarceMemory scarce{blocks};
    const auto result = attempt();
    EXPECT_FALSE(result.has_value() && blocks == 0);
    if (!result) refused(result.error());  // another run, with other numbers, may need a few blocks fewer
  }
}

}  // namespace signalbox::trust
