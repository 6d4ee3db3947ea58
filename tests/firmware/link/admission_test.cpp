#include "link/admission.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::link {
namespace {

constexpr Instant kStart{from_ms(1000)};
constexpr std::uint64_t kHere = 1;
constexpr std::uint64_t kThere = 2;

class AdmissionTest : public ::testing::Test {
 protected:
  AdmissionTest() {
    admission.set({.handshakes = {.per_s = 100, .burst = 4},
                   .handshakes_per_network = {.per_s = 10, .burst = 3},
                   .fruitless_per_network = {.per_s = 1, .burst = 4},
                   .newcomers = 4,
                   .newcomers_per_network = 2,
                   .connections_per_network = 3});
  }
  std::array<Admission::Place, 6> places{};
  Admission admission{places};
};

TEST_F(AdmissionTest, BoundsNewcomersAndConnectionsOfEachNetwork) {
  EXPECT_TRUE(admission.admit(kHere, kStart));
  EXPECT_TRUE(admission.admit(kHere, kStart));
  EXPECT_FALSE(admission.admit(kHere, kStart)) << "two newcomers";
  EXPECT_TRUE(admission.admit(kThere, kStart)) << "another network is not touched by that";
  admission.settled(kHere);
  EXPECT_TRUE(admission.admit(kHere, kStart));
  admission.settled(kHere);
  EXPECT_FALSE(admission.admit(kHere, kStart + from_ms(5000))) << "three connections";
  EXPECT_EQ(admission.counts().too_many, 2U);
  admission.left(kHere, false);
  EXPECT_TRUE(admission.admit(kHere, kStart + from_ms(5000)));
}

TEST_F(AdmissionTest, BoundsHandshakesOfEachNetworkInTime) {
  const auto comes_and_goes = [&](Instant now) {
    if (!admission.admit(kHere, now)) return false;
    admission.left(kHere, true);
    return true;
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(comes_and_goes(kStart));
  EXPECT_FALSE(comes_and_goes(kStart)) << "although it has no connection any more";
  EXPECT_EQ(admission.counts().too_fast, 1U);
  EXPECT_TRUE(comes_and_goes(kStart + from_ms(100)));
  EXPECT_FALSE(comes_and_goes(kStart + from_ms(100)));
}

TEST_F(AdmissionTest, BoundsVisitsForNothing) {
  const auto comes_for_nothing = [&](Instant now) {
    if (!admission.admit(kHere, now)) return false;
    admission.was_fruitless(kHere, now);
    admission.left(kHere, true);
    return true;
  };
  EXPECT_TRUE(comes_for_nothing(kStart));
  EXPECT_TRUE(comes_for_nothing(kStart));
  EXPECT_TRUE(comes_for_nothing(kStart)) << "of four tokens two visits take all: this one is let in on trust";
  EXPECT_FALSE(comes_for_nothing(kStart + from_ms(500)));
  EXPECT_EQ(admission.counts().too_fast, 1U);
  EXPECT_TRUE(admission.admit(kThere, kStart + from_ms(500))) << "another network is not touched by that";
  admission.left(kThere, true);
  EXPECT_FALSE(comes_for_nothing(kStart + from_ms(1900)));
  EXPECT_TRUE(comes_for_nothing(kStart + from_ms(2000))) << "one every two seconds";
  EXPECT_FALSE(comes_for_nothing(kStart + from_ms(3900)));
  EXPECT_TRUE(comes_for_nothing(kStart + from_ms(4000)));
}

TEST_F(AdmissionTest, LetsNobodyInOnTrustWhileOthersMayHaveToWait) {
  EXPECT_TRUE(admission.admit(kHere, kStart));
  admission.was_fruitless(kHere, kStart);
  admission.left(kHere, true);
  for (const std::uint64_t network : {3U, 4U}) EXPECT_TRUE(admission.admit(network, kStart));
  EXPECT_TRUE(admission.is_filling()) << "two of four";
  EXPECT_FALSE(admission.admit(kHere, kStart + from_ms(1900)));
  EXPECT_TRUE(admission.admit(kThere, kStart + from_ms(1900)));
  admission.left(kThere, true);
  EXPECT_TRUE(admission.admit(kHere, kStart + from_ms(2000))) << "all is forgiven";
}

TEST_F(AdmissionTest, RemembersVisitsForNothingLongerThanHandshakes) {
  EXPECT_TRUE(admission.admit(kHere, kStart));
  admission.was_fruitless(kHere, kStart);
  admission.was_fruitless(kHere, kStart);
  admission.was_fruitless(kHere, kStart);
  admission.left(kHere, true);
  const Instant later = kStart + from_ms(1500);  // its handshakes are forgiven by now
  for (std::uint64_t network = 10; network < 20; ++network) {
    EXPECT_TRUE(admission.admit(network, later));
    admission.left(network, true);
  }
  EXPECT_FALSE(admission.admit(kHere, later)) << "others came in places that were free or forgiven";
}

TEST_F(AdmissionTest, KnowsWhenItIsCrowded) {
  for (const std::uint64_t network : {1U, 2U, 3U, 4U}) {
    EXPECT_FALSE(admission.is_crowded());
    EXPECT_TRUE(admission.admit(network, kStart));
  }
  EXPECT_TRUE(admission.is_crowded());
  EXPECT_TRUE(admission.admit(5, kStart)) << "whoever was accepted already is not closed for that";
  admission.left(5, true);
  admission.settled(4);
  EXPECT_FALSE(admission.is_crowded());
}

TEST_F(AdmissionTest, SaysHowLongAHandshakeHasToWait) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(admission.begin(kStart), Duration{});
  EXPECT_EQ(admission.begin(kStart), from_ms(10));
  EXPECT_EQ(admission.begin(kStart + from_ms(10)), Duration{});
}

TEST_F(AdmissionTest, ForgetsThoseFirstWhoOweNothing) {
  for (std::uint64_t network = 1; network <= 6; ++network) {
    const Instant now = kStart + from_ms(static_cast<std::int64_t>(network));
    EXPECT_TRUE(admission.admit(network, now));
    if (network != 2) admission.left(network, true);
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(admission.admit(1, kStart + from_ms(10)));
    admission.left(1, true);
  }
  EXPECT_TRUE(admission.admit(7, kStart + from_ms(10))) << "in the place of 3";
  EXPECT_FALSE(admission.admit(1, kStart + from_ms(10))) << "1 has come three times, and is remembered";
  admission.left(2, true);  // it has a connection, so its place was not given away
}

TEST_F(AdmissionTest, NoLimitIsNone) {
  admission.set({});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(admission.admit(kHere, kStart));
  EXPECT_FALSE(admission.is_crowded());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(admission.begin(kStart), Duration{});
}

}  // namespace
}  // namespace signalbox::link
