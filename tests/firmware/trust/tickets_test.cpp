#include "trust/tickets.hpp"

#include <gtest/gtest.h>
#include <string>

#include "firmware/trust/memory_store.hpp"

namespace signalbox::trust {
namespace {

struct TicketsTest : testing::Test {
  TicketsTest() { EXPECT_TRUE(random.seed(entropy)); }
  SeededEntropy entropy{1};
  Random random;
  Tickets tickets;
  Instant now{from_ms(1000)};
  Principal ann{"ann", Scope{Role::viewer}};
};

TEST_F(TicketsTest, OpenOnceForWhomTheyWereMade) {
  const Result<FixedText<43>> ticket = tickets.make(ann, now, random);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->size(), 43U);
  const Result<Principal> who = tickets.redeem(*ticket, now + Tickets::kValid - from_ms(1));
  ASSERT_TRUE(who);
  EXPECT_EQ(*who, ann);
  EXPECT_EQ(tickets.redeem(*ticket, now).error().reason, Reason::unauthenticated) << "used";
}

TEST_F(TicketsTest, AreWorthNothingHalfAMinuteLater) {
  const std::string ticket{*tickets.make(ann, now, random)};
  EXPECT_FALSE(tickets.redeem(ticket, now + Tickets::kValid));
  EXPECT_FALSE(tickets.redeem(ticket, now));
}

TEST_F(TicketsTest, AreWorthNothingOnceTheCertificateIsRevoked) {
  Principal bob = ann;
  ann.certificate = "ann's";
  bob.certificate = "bob's";
  const std::string first{*tickets.make(ann, now, random)};
  const std::string second{*tickets.make(bob, now, random)};
  tickets.forget_certified("ann's");
  EXPECT_FALSE(tickets.redeem(first, now));
  EXPECT_TRUE(tickets.redeem(second, now));
}

TEST_F(TicketsTest, WhatIsNoneOpensNothing) {
  const std::string ticket{*tickets.make(ann, now, random)};
  for (const std::string& wrong : {std::string{}, ticket.substr(1), ticket + "A", std::string(43, '\0')})
    EXPECT_FALSE(tickets.redeem(wrong, now)) << wrong;
  EXPECT_TRUE(tickets.redeem(ticket, now)) << "who guesses uses up nobody's";
}

TEST_F(TicketsTest, ManyThatAreNeverUsedMakeRoomInTime) {
  for (std::size_t i = 0; i < Tickets::kTicketsMax; ++i) {
    Principal somebody = ann;
    somebody.credential = std::string_view{std::to_string(i / Tickets::kOfOneMax)};
    ASSERT_TRUE(tickets.make(somebody, now, random));
  }
  const Result<FixedText<43>> full = tickets.make(ann, now + from_ms(10'000), random);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().reason, Reason::overloaded);
  EXPECT_NEAR(full.error().retry_after_ms, 20'000, 1);
  EXPECT_TRUE(tickets.make(ann, now + Tickets::kValid, random));
}

TEST_F(TicketsTest, NobodyTakesThePlacesOfOthers) {
  const std::string first{*tickets.make(ann, now, random)};
  ASSERT_TRUE(tickets.make(ann, now + from_ms(1'000), random));
  const Result<FixedText<43>> third = tickets.make(ann, now + from_ms(10'000), random);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().reason, Reason::busy);
  EXPECT_NEAR(third.error().retry_after_ms, 20'000, 1);
  for (const Principal& other :
       {Principal{.name = "bob", .scope = {}, .certificate = "bob's"}, Principal{"ann", {}, "an id", "a key"},
        Principal{"ann", {}, "", "an issuer's key"}})
    EXPECT_TRUE(tickets.make(other, now + from_ms(10'000), random));
  ASSERT_TRUE(tickets.redeem(first, now + from_ms(10'000)));
  EXPECT_TRUE(tickets.make(ann, now + from_ms(10'000), random)) << "one was used";
  EXPECT_EQ(tickets.make(ann, now + from_ms(30'000), random).error().reason, Reason::busy);
  EXPECT_TRUE(tickets.make(ann, now + from_ms(31'000), random)) << "one is worth nothing any more";
}

TEST_F(TicketsTest, WithoutRandomnessNoneIsMadeAndTheOthersStand) {
  const std::string ticket{*tickets.make(ann, now, random)};
  run_dry(random, entropy);
  EXPECT_EQ(tickets.make(ann, now, random).error().reason, Reason::failed);
  EXPECT_TRUE(tickets.redeem(ticket, now));
}

}  // namespace
}  // namespace signalbox::trust
