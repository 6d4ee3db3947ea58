#include "link/shared_ciphers.hpp"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <mbedtls/platform.h>
#include <memory>
#include <string>
#include <vector>

#include "firmware/link/tls_pair.hpp"
#include "link/mbedtls_inside.hpp"

namespace signalbox::link {
namespace {

/// The three ciphers that we let be chosen, as a client offers one of them.
using Offer = int[2];
constexpr Offer kTls13[] = {{MBEDTLS_TLS1_3_AES_128_GCM_SHA256, 0},
                            {MBEDTLS_TLS1_3_AES_256_GCM_SHA384, 0},
                            {MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, 0}};
constexpr Offer kTls12[] = {{MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0},
                            {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0},
                            {MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0}};

/// A connection whose server shares its ciphers.
class Sharing {
 public:
  Sharing(SharedCiphers& ciphers, mbedtls_ssl_protocol_version version, std::size_t cipher)
      : ciphers_{ciphers},
        pair_{version, version == MBEDTLS_SSL_VERSION_TLS1_3 ? kTls13[cipher] : kTls12[cipher]},
        keys_(SharedCiphers::key_bytes(pair_.server())) {
    ciphers_.share(pair_.server(), keys_);
  }
  Sharing(const Sharing&) = delete;
  Sharing& operator=(const Sharing&) = delete;
  ~Sharing() {
    ciphers_.forget(pair_.server(), keys_);
    EXPECT_TRUE(std::all_of(keys_.begin(), keys_.end(), [](unsigned char byte) { return byte == 0; }));
  }

  mbedtls_ssl_transform* context() { return pair_.server().private_transform_in; }
  std::size_t key_bytes() const { return keys_.size(); }

  /// There and back.
  bool carries(const std::string& text) {
    pair_.client_says(text);
    pair_.deliver();
    ciphers_.load(pair_.server(), keys_);
    return pair_.server_hears() == text && pair_.server_says(text) == static_cast<int>(text.size()) &&
           pair_.client_hears() == text;
  }
  /// What the server hears of it with whoever's keys are in the context.
  std::string heard_without_its_keys(const std::string& text) {
    pair_.client_says(text);
    pair_.deliver();
    return pair_.server_hears();
  }

 private:
  SharedCiphers& ciphers_;
  TlsPair pair_;
  std::vector<unsigned char> keys_;
};

class SharedCiphersTest : public ::testing::TestWithParam<mbedtls_ssl_protocol_version> {
 protected:
  SharedCiphersTest() { mbedtls_platform_set_calloc_free(std::calloc, std::free); }

  std::unique_ptr<Sharing> connect(std::size_t cipher) {
    return std::make_unique<Sharing>(ciphers, GetParam(), cipher);
  }

  SharedCiphers ciphers;
};

INSTANTIATE_TEST_SUITE_P(BothVersions, SharedCiphersTest,
                         ::testing::Values(MBEDTLS_SSL_VERSION_TLS1_2, MBEDTLS_SSL_VERSION_TLS1_3),
                         [](const auto& its) {
                           return its.param == MBEDTLS_SSL_VERSION_TLS1_3 ? "Tls13" : "Tls12";
                         });

TEST_P(SharedCiphersTest, EachGoesOnWithItsOwnKeys) {
  std::vector<std::unique_ptr<Sharing>> all;
  for (std::size_t i = 0; i < 9; ++i) all.push_back(connect(i % 3));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i]->context(), all[i % 3]->context());
    EXPECT_NE(all[i]->context(), all[(i + 1) % 3]->context());
  }
  for (std::size_t round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < all.size(); ++i)
      EXPECT_TRUE(all[i]->carries(std::string(1 + 97 * i + 1001 * round, static_cast<char>('a' + i))));
  // Whose keys were used last goes, and the one whose context it was.
  all.pop_back();
  all.erase(all.begin());
  all.push_back(connect(2));
  for (std::size_t i = all.size(); i-- > 0;) EXPECT_TRUE(all[i]->carries(std::string(3000, 'x')));
}

TEST_P(SharedCiphersTest, NobodyIsHeardWithAnothersKeys) {
  const auto one = connect(0);
  const auto other = connect(0);
  EXPECT_TRUE(other->carries("hello"));
  EXPECT_EQ(one->heard_without_its_keys("hello"), "");
}

TEST_P(SharedCiphersTest, KeysOfWhoGoesAreWipedInTheContextToo) {
  const auto stays = connect(0);
  auto goes = connect(0);
  EXPECT_TRUE(goes->carries("hello"));
  std::vector<unsigned char> left(goes->key_bytes());
  const auto holds_any = [&] {
    for (const int outgoing : {0, 1})
      mbedtls_ssl_save_keys(stays->context(), outgoing,
                            left.data() + static_cast<std::size_t>(outgoing) * left.size() / 2);
    return std::any_of(left.begin(), left.end(), [](unsigned char byte) { return byte != 0; });
  };
  EXPECT_TRUE(holds_any());
  goes.reset();
  EXPECT_FALSE(holds_any());
  EXPECT_TRUE(stays->carries("hello"));
}

TEST_P(SharedCiphersTest, KeysAreASmallPart) {
  EXPECT_LE(connect(0)->key_bytes(), 32 + 2 * (11 * 16 + 16 * 16U));
  EXPECT_LE(connect(1)->key_bytes(), 32 + 2 * (15 * 16 + 16 * 16U));
  EXPECT_EQ(connect(2)->key_bytes(), 32 + 2 * 32U);
}

}  // namespace
}  // namespace signalbox::link
