#include "memory/library_heaps.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <libwebsockets.h>
#include <mbedtls/platform.h>

namespace signalbox::memory {
namespace {

class LibraryHeapsTest : public ::testing::Test {
 protected:
  void SetUp() override { heaps.install(); }
  void TearDown() override { mbedtls_platform_set_calloc_free(std::calloc, std::free); }

  std::array<std::byte, 8192> tls{};
  std::array<std::byte, 8192> lws{};
  LibraryHeaps heaps{tls, lws};
};

TEST_F(LibraryHeapsTest, GivesTheTlsLibraryZeroedMemory) {
  void* used_before = mbedtls_calloc(100, 1);
  std::memset(used_before, 0xAA, 100);
  mbedtls_free(used_before);
  auto* block = static_cast<unsigned char*>(mbedtls_calloc(10, 3));
  ASSERT_NE(block, nullptr);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(block[i], 0);
  EXPECT_EQ(heaps.tls().blocks_in_use(), 1U);
  mbedtls_free(block);
  mbedtls_free(nullptr);
  EXPECT_EQ(heaps.tls().blocks_in_use(), 0U);
  EXPECT_EQ(mbedtls_calloc(SIZE_MAX / 2, 3), nullptr);
  EXPECT_EQ(mbedtls_calloc(9000, 1), nullptr);
  EXPECT_EQ(heaps.tls().gauge().refused, 1U);
}

TEST_F(LibraryHeapsTest, AnswersLwsAsItsReallocMust) {
  EXPECT_EQ(lws_realloc(nullptr, 0, "test"), nullptr);
  void* block = lws_realloc(nullptr, 100, "test");
  ASSERT_NE(block, nullptr);
  block = lws_realloc(block, 200, "test");
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(heaps.lws().blocks_in_use(), 1U);
  EXPECT_EQ(lws_realloc(block, 0, "test"), nullptr);
  EXPECT_EQ(heaps.lws().blocks_in_use(), 0U);
}

}  // namespace
}  // namespace signalbox::memory
