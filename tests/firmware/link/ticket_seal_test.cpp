#include "link/ticket_seal.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>
#include <vector>

namespace signalbox::link {
namespace {

class TicketSealTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(psa_crypto_init(), PSA_SUCCESS);
    mbedtls_ssl_session_init(&session);
    mbedtls_ssl_session_init(&read);
    session.MBEDTLS_PRIVATE(tls_version) = MBEDTLS_SSL_VERSION_TLS1_2;
    session.MBEDTLS_PRIVATE(endpoint) = MBEDTLS_SSL_IS_SERVER;
    session.MBEDTLS_PRIVATE(ciphersuite) = MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    for (std::size_t i = 0; i < 48; ++i)
      session.MBEDTLS_PRIVATE(master)[i] = static_cast<unsigned char>(i + 1);
    for (unsigned i = 0; i < 3; ++i) all[i] = make(static_cast<unsigned char>(i + 1));
    keys = {all[1], all[0]};
  }
  void TearDown() override {
    mbedtls_ssl_session_free(&session);
    mbedtls_ssl_session_free(&read);
    mbedtls_psa_crypto_free();
  }

  static trust::TicketKey make(unsigned char number) {
    trust::TicketKey key;
    key.name.fill(number);
    key.secret.fill(static_cast<unsigned char>(number + 100));
    return key;
  }
  std::vector<unsigned char> written() {
    std::array<unsigned char, 2048> room{};
    std::size_t size = 0;
    std::uint32_t lifetime_s = 0;
    EXPECT_EQ(TicketSeal::write(&seal, &session, room.data(), room.data() + room.size(), &size, &lifetime_s),
              0);
    EXPECT_EQ(lifetime_s, 12U * 3600U);
    return {room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  int parse(std::vector<unsigned char> ticket) {
    mbedtls_ssl_session_free(&read);
    mbedtls_ssl_session_init(&read);
    return TicketSeal::parse(&seal, &read, ticket.data(), ticket.size());
  }

  mbedtls_ssl_session session;
  mbedtls_ssl_session read;
  std::array<trust::TicketKey, 3> all;
  std::array<trust::TicketKey, 2> keys;
  TicketSeal seal{keys};
};

TEST_F(TicketSealTest, WhatWasWrittenIsRead) {
  const auto ticket = written();
  ASSERT_EQ(parse(ticket), 0);
  EXPECT_EQ(std::memcmp(read.MBEDTLS_PRIVATE(master), session.MBEDTLS_PRIVATE(master), 48), 0);
  EXPECT_NE(written(), ticket) << "the same nonce twice";
  const std::vector<unsigned char> master{session.MBEDTLS_PRIVATE(master),
                                          session.MBEDTLS_PRIVATE(master) + 48};
  EXPECT_EQ(std::search(ticket.begin(), ticket.end(), master.begin(), master.end()), ticket.end());
}

TEST_F(TicketSealTest, TheKeyBeforeIsStillTakenAndTheOneBeforeThatIsNot) {
  const auto ticket = written();
  keys = {all[2], all[1]};
  EXPECT_EQ(parse(ticket), 0);
  EXPECT_EQ(written()[0], 3) << "the newest key seals";
  keys = {all[0], all[2]};
  EXPECT_EQ(parse(ticket), MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED);
}

TEST_F(TicketSealTest, AChangedTicketIsRefused) {
  const auto ticket = written();
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    auto changed = ticket;
    changed[i] ^= 0x10;
    EXPECT_NE(parse(changed), 0) << i;
  }
  for (std::size_t size = 0; size < ticket.size(); ++size)
    EXPECT_NE(parse({ticket.begin(), ticket.begin() + static_cast<std::ptrdiff_t>(size)}), 0) << size;
}

TEST_F(TicketSealTest, TooLittleRoomIsTold) {
  std::array<unsigned char, 200> room{};
  for (std::size_t size = 0; size < 100; ++size) {
    std::size_t used = 1;
    std::uint32_t lifetime_s = 0;
    EXPECT_NE(TicketSeal::write(&seal, &session, room.data(), room.data() + size, &used, &lifetime_s), 0);
    EXPECT_EQ(used, 0U);
  }
}

}  // namespace
}  // namespace signalbox::link
