#include "trust/es256.hpp"

#include <gtest/gtest.h>

#include "firmware/trust/memory_store.hpp"
#include "firmware/trust/scarce_memory.hpp"
#include "trust/base64url.hpp"

namespace signalbox::trust {
namespace {

struct Es256Test : testing::Test {
  Es256Test() { EXPECT_TRUE(random.seed(entropy)); }
  SeededEntropy entropy{7};
  Random random;
};

template <std::size_t kBytes>
std::array<unsigned char, kBytes> bytes_of(std::string_view base64) {
  std::array<unsigned char, kBytes> bytes{};
  const Result<std::size_t> size = read_base64url(base64, bytes);
  EXPECT_TRUE(size && *size == kBytes) << base64;
  return bytes;
}

/// RFC 7515 appendix A.3: a token that somebody else has signed.
TEST_F(Es256Test, VerifiesTheStandardsExample) {
  PublicKey key{4};
  const auto x = bytes_of<32>("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  const auto y = bytes_of<32>("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  std::copy(x.begin(), x.end(), key.begin() + 1);
  std::copy(y.begin(), y.end(), key.begin() + 33);
  EXPECT_TRUE(is_public_key(key));
  EXPECT_EQ(id_of(key).view(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U") << "RFC 7638";
  const std::string text =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  Signature signature =
      bytes_of<64>("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(*is_signed(key, text, signature));
  EXPECT_FALSE(*is_signed(key, text + "A", signature));
  ++signature[10];
  EXPECT_FALSE(*is_signed(key, text, signature));
  EXPECT_FALSE(*is_signed(key, text, Signature{})) << "r and s of 0 belong to every key";

  SigningKey its;
  const auto d = bytes_of<32>("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
  ASSERT_TRUE(its.take(d, random));
  EXPECT_EQ(its.public_key(), key);
}

TEST_F(Es256Test, ATextHasOneSignatureWhichIsTheKeysOwn) {
  SigningKey key;
  SigningKey other;
  ASSERT_TRUE(key.make(random));
  ASSERT_TRUE(other.make(random));
  const Result<Signature> signature = key.sign("a text", random);
  ASSERT_TRUE(signature);
  EXPECT_EQ(*signature, *key.sign("a text", random)) << "RFC 6979";
  EXPECT_NE(*signature, *key.sign("another", random));
  EXPECT_TRUE(*is_signed(key.public_key(), "a text", *signature));
  EXPECT_FALSE(*is_signed(other.public_key(), "a text", *signature));
  SigningKey again;
  ASSERT_TRUE(again.take(key.bytes(), random));
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(id_of(again.public_key()), id_of(key.public_key()));
  EXPECT_NE(id_of(other.public_key()), id_of(key.public_key()));
  EXPECT_EQ(id_of(key.public_key()).size(), 43U);
}

TEST_F(Es256Test, WhatIsNoKeyIsNotTaken) {
  SigningKey key;
  std::array<unsigned char, 32> bytes{};
  EXPECT_EQ(key.take(bytes, random).error().reason, Reason::malformed) << "0";
  bytes.fill(0xFF);
  EXPECT_EQ(key.take(bytes, random).error().reason, Reason::malformed) << "beyond the group's order";
  EXPECT_FALSE(key.take(std::span{bytes}.first(31), random));
  PublicKey off_curve{4, 1, 2, 3};
  EXPECT_FALSE(is_public_key(off_curve));
  EXPECT_FALSE(is_public_key(PublicKey{}));
  EXPECT_FALSE(*is_signed(off_curve, "text", Signature{1}));
}

TEST_F(Es256Test, WithoutMemoryNothingIsTakenForWrongAndTheKeyStays) {
  SigningKey key;
  ASSERT_TRUE(key.make(random));
  const Signature signature = *key.sign("a text", random);
  const auto is_overloaded = [](const Error& error) {
    EXPECT_EQ(error.reason, Reason::overloaded) << error.detail.view();
    EXPECT_GT(error.retry_after_ms, 0U);
  };
  SigningKey other;
  attempt_in_scarce_memory([&] { return other.make(random); }, is_overloaded);
  attempt_in_scarce_memory([&] { return other.take(key.bytes(), random); }, is_overloaded);
  attempt_in_scarce_memory([&] { return key.sign("a text", random); }, is_overloaded);
  attempt_in_scarce_memory(
      [&] {
        const Result<bool> its = is_signed(key.public_key(), "a text", signature);
        EXPECT_TRUE(!its || *its);
        return its;
      },
      is_overloaded, 1'000'000);  // each, since one of them has an error of its own
  const PublicKey before = other.public_key();
  {
    const ScarceMemory none{0};
    EXPECT_FALSE(other.make(random));
  }
  EXPECT_EQ(other.public_key(), before);
  EXPECT_TRUE(*is_signed(before, "a text", *other.sign("a text", random)));
}

TEST_F(Es256Test, WithoutRandomnessNoKeyIsMadeAndTheOldOneStays) {
  SigningKey key;
  ASSERT_TRUE(key.make(random));
  const PublicKey before = key.public_key();
  run_dry(random, entropy);
  EXPECT_EQ(key.make(random).error().detail.view(), "no good randomness for a key");
  EXPECT_EQ(key.public_key(), before);
}

}  // namespace
}  // namespace signalbox::trust
