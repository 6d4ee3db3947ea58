#include "link/tls.hpp"

#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <mbedtls/platform_time.h>

namespace signalbox::link {
namespace {

/// Our patch to mbedTLS: by a clock that starts at boot, every ticket would come from the future after a
/// reboot.
TEST(Tls, TicketAgesAreCountedByTheDate) {
  using namespace std::chrono;
  const auto date = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  EXPECT_LT(std::llabs(mbedtls_ms_time() - date), 60'000);
}

TEST(Tls, WhatIsNoListOfRevocationsIsRefused) {
  EXPECT_TRUE(Tls::use_revocations(""));
  EXPECT_EQ(Tls::use_revocations("rubbish").error().reason, Reason::malformed);
}

}  // namespace
}  // namespace signalbox::link
