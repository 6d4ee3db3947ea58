#include "control/authority.hpp"

#include "tests/firmware/control/outputs_bench.hpp"

namespace signalbox::control {
namespace {

constexpr Holder kAnn = 1;
constexpr Holder kBob = 2;
constexpr device::BatonIndex kCabin = 0;

class AuthorityTest : public OutputsBench {
 protected:
  Reason refusal(device::ChannelIndex channel, Holder holder) const {
    const Result<void> may = authority.may_move(channel, holder, now);
    return may ? Reason::internal : may.error().reason;
  }
  bool may(device::ChannelIndex channel, Holder holder) const {
    return authority.may_move(channel, holder, now).has_value();
  }
};

TEST_F(AuthorityTest, ALeaseKeepsOthersAwayUntilItEnds) {
  EXPECT_TRUE(may(kHeater, kAnn));
  authority.take_lease(kHeater, actor(kAnn), from_ms(5000), now);
  EXPECT_TRUE(may(kHeater, kAnn));
  const Result<void> refused = authority.may_move(kHeater, kBob, now + from_ms(2000));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, Reason::held);
  EXPECT_EQ(refused.error().retry_after_ms, 3000U);
  EXPECT_NE(refused.error().detail.view().find("ann"), std::string_view::npos);
  EXPECT_TRUE(may(kCooler, kBob)) << "one output, not its neighbours";
  EXPECT_FALSE(authority.has_run_out(kHeater, now + from_ms(4999)));
  EXPECT_TRUE(authority.has_run_out(kHeater, now + from_ms(5000)));
  authority.end_lease(kHeater);
  EXPECT_TRUE(may(kHeater, kBob));
  EXPECT_FALSE(authority.has_run_out(kHeater, now + from_ms(9000)));
}

TEST_F(AuthorityTest, OnlyRenewRenews) {
  authority.take_lease(kHeater, actor(kAnn), from_ms(1000), now);
  authority.take_lease(kHeater, actor(kAnn), from_ms(5000), now + from_ms(500));
  EXPECT_EQ(authority.lease(kHeater).ends, now + from_ms(1000)) << "taking it again does not";
  EXPECT_TRUE(authority.renew_lease(kHeater, kAnn, from_ms(2000), now + from_ms(900)).has_value());
  EXPECT_EQ(authority.lease(kHeater).ends, now + from_ms(2900));
}

TEST_F(AuthorityTest, WhatIsNotOnesOwnOrHasRunOutCannotBeRenewed) {
  EXPECT_EQ(authority.renew_lease(kHeater, kAnn, from_ms(10), now).error().reason, Reason::not_found);
  authority.take_lease(kHeater, actor(kAnn), from_ms(1000), now);
  EXPECT_EQ(authority.renew_lease(kHeater, kBob, from_ms(10), now).error().reason, Reason::not_found);
  EXPECT_EQ(authority.renew_lease(kHeater, kAnn, from_ms(10), now + from_ms(1000)).error().reason,
            Reason::not_found);
  EXPECT_EQ(authority.renew_lease(kCooler, kNobody, from_ms(10), now).error().reason, Reason::not_found);
}

TEST_F(AuthorityTest, ABatonIsForOneAtATimeAndForItsGroup) {
  EXPECT_TRUE(authority.take(kCabin, actor(kAnn)).has_value());
  EXPECT_TRUE(authority.take(kCabin, actor(kAnn)).has_value()) << "taking it twice does no harm";
  EXPECT_EQ(authority.take(kCabin, actor(kBob)).error().reason, Reason::held);
  EXPECT_EQ(refusal(kHeater, kBob), Reason::held);
  EXPECT_EQ(refusal(kCooler, kBob), Reason::held);
  EXPECT_TRUE(may(kLamp, kBob));
  EXPECT_TRUE(may(kCooler, kAnn));
}

TEST_F(AuthorityTest, ARequestIsGrantedByTheHolderAlone) {
  EXPECT_TRUE(authority.request(kCabin, actor(kAnn)).has_value()) << "nobody has it: taken at once";
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kAnn);
  EXPECT_TRUE(authority.request(kCabin, actor(kBob)).has_value());
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kAnn);
  EXPECT_EQ(authority.request(kCabin, actor(3)).error().reason, Reason::held) << "one waits already";
  EXPECT_EQ(authority.grant(kCabin, kBob).error().reason, Reason::held);
  EXPECT_TRUE(authority.grant(kCabin, kAnn).has_value());
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kBob);
  EXPECT_TRUE(authority.grant(kCabin, kBob).has_value());
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kNobody) << "nobody asked: it is free";
}

TEST_F(AuthorityTest, WhoHasNotTheBatonRenewsNothingInItsGroup) {
  authority.take_lease(kHeater, actor(kAnn), from_ms(1000), now);
  ASSERT_TRUE(authority.take(kCabin, actor(kBob)).has_value());
  EXPECT_EQ(authority.renew_lease(kHeater, kAnn, from_ms(5000), now).error().reason, Reason::held);
  EXPECT_EQ(authority.lease(kHeater).ends, now + from_ms(1000)) << "it ends when it would have";
  ASSERT_TRUE(authority.grant(kCabin, kBob).has_value());
  EXPECT_TRUE(authority.renew_lease(kHeater, kAnn, from_ms(5000), now).has_value());
}

TEST_F(AuthorityTest, WhoBecomesAnotherTakesEverythingAlong) {
  authority.take_lease(kHeater, actor(kAnn), from_ms(1000), now);
  ASSERT_TRUE(authority.take(kCabin, actor(kBob)).has_value());
  ASSERT_TRUE(authority.request(kCabin, actor(kAnn)).has_value());
  authority.merge(kAnn, actor(3));
  EXPECT_TRUE(authority.has_lease(kHeater, 3));
  EXPECT_EQ(authority.baton(kCabin).asked_by.holder, 3U);
  authority.merge(3, actor(kBob));
  EXPECT_EQ(authority.baton(kCabin).asked_by.holder, kNobody) << "nobody asks itself";
  authority.merge(kBob, actor(kAnn));
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kAnn);
}

TEST_F(AuthorityTest, StealingTellsWhoHadIt) {
  EXPECT_EQ(authority.steal(kCabin, actor(kBob)).holder, kNobody);
  EXPECT_EQ(authority.steal(kCabin, actor(kAnn)).holder, kBob);
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kAnn);
}

TEST_F(AuthorityTest, WhoLeavesGivesUpBatonsAndRequestsNotLeases) {
  authority.take_lease(kHeater, actor(kAnn), from_ms(1000), now);
  ASSERT_TRUE(authority.take(kCabin, actor(kAnn)).has_value());
  ASSERT_TRUE(authority.request(kCabin, actor(kBob)).has_value());
  authority.leave(kAnn, now);
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kBob) << "the next in turn";
  EXPECT_EQ(authority.lease(kHeater).held_by.holder, kAnn) << "a lease ends by itself, not with a connection";
  ASSERT_TRUE(authority.request(kCabin, actor(kAnn)).has_value());
  authority.leave(kAnn, now);
  authority.leave(kBob, now);
  EXPECT_EQ(authority.baton(kCabin).held_by.holder, kNobody);
}

}  // namespace
}  // namespace signalbox::control
