#include "journal/digest.hpp"

#include <gtest/gtest.h>
#include <string>

namespace signalbox::journal {
namespace {

TEST(Digest, IsSha256) {
  // FIPS 180-4, the examples of NIST.
  EXPECT_EQ(text_of(digest_of("abc")).view(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(text_of(digest_of("")).view(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, IsReadAsItIsWritten) {
  Digest read{};
  ASSERT_TRUE(read_digest(text_of(digest_of("abc")), read));
  EXPECT_EQ(read, digest_of("abc"));
  for (const std::string& wrong :
       {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'), std::string(63, 'a') + "g"})
    EXPECT_FALSE(read_digest(wrong, read)) << wrong;
}

}  // namespace
}  // namespace signalbox::journal
