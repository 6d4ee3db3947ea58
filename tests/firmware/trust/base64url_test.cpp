#include "trust/base64url.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox::trust {
namespace {

std::string written(const std::vector<unsigned char>& bytes) {
  std::vector<char> text(base64url_characters(bytes.size()));
  return std::string{write_base64url(bytes, text)};
}

/// RFC 4648 section 10, without its padding.
TEST(Base64Url, WritesTheStandardsExamples) {
  EXPECT_EQ(written({}), "");
  EXPECT_EQ(written({'f'}), "Zg");
  EXPECT_EQ(written({'f', 'o'}), "Zm8");
  EXPECT_EQ(written({'f', 'o', 'o', 'b', 'a', 'r'}), "Zm9vYmFy");
  EXPECT_EQ(written({0xFB, 0xFF}), "-_8");
}

TEST(Base64Url, NothingCanBeWrittenInTwoWays) {
  std::array<unsigned char, 8> into{};
  for (const char* wrong : {"Zg==", "Zh", "Zm9", "Z", "Zm+v", "Zm/v", "Zm 8", "Zm8\n", "Zm8=", "Zm9vYmFyA"}) {
    const Result<std::size_t> size = read_base64url(wrong, into);
    ASSERT_FALSE(size) << wrong;
    EXPECT_EQ(size.error().reason, Reason::malformed);
  }
  EXPECT_EQ(read_base64url("Zm9vYmFyZm9vYmFy", into).error().reason, Reason::too_big);
}

RC_GTEST_PROP(Base64Url, ReadsWhatItWrites, (const std::vector<unsigned char>& bytes)) {
  std::vector<unsigned char> again(bytes.size());
  const Result<std::size_t> size = read_base64url(written(bytes), again);
  RC_ASSERT(size.has_value());
  RC_ASSERT(*size == bytes.size());
  RC_ASSERT(again == bytes);
}

}  // namespace
}  // namespace signalbox::trust
