#include "control/outcome.hpp"

#include <gtest/gtest.h>

namespace signalbox::control {
namespace {

using hal::Completion;

TEST(Outcome, SaysWhetherItMayHaveHappened) {
  EXPECT_EQ(reason_of(Completion::timed_out), Reason::expired);
  EXPECT_EQ(reason_of(Completion::pending), Reason::unknown);
  for (const Completion completion : {Completion::absent, Completion::no_reply})
    EXPECT_EQ(reason_of(completion), Reason::failed);
  EXPECT_EQ(reason_of(Completion::failed), Reason::failed);
}

TEST(Outcome, WhatSafetyWithdrewIsRefusedAsIfItHadWaited) {
  EXPECT_EQ(error_of(Completion::timed_out, std::nullopt).reason, Reason::expired);
  EXPECT_EQ(error_of(Completion::timed_out, Cause::stop).reason, Reason::stopped);
  EXPECT_EQ(error_of(Completion::timed_out, Cause::shutdown).reason, Reason::stopped);
  EXPECT_EQ(error_of(Completion::timed_out, Cause::interlock).reason, Reason::interlocked);
  for (const Cause held : {Cause::lease_ended, Cause::baton_lost, Cause::local_override})
    EXPECT_EQ(error_of(Completion::timed_out, held).reason, Reason::held);
  EXPECT_EQ(error_of(Completion::timed_out, Cause::reload).reason, Reason::superseded);
  EXPECT_EQ(error_of(Completion::timed_out, Cause::pulse_ended).reason, Reason::expired) << "its own end";
  EXPECT_EQ(error_of(Completion::failed, Cause::stop).reason, Reason::failed) << "it reached the hardware";
}

TEST(Outcome, FeedbackAgreesWithinItsTolerance) {
  const device::Feedback feedback{.channel = 0, .scale = 2.0, .offset = 1.0, .tolerance = 0.5, .within = {}};
  device::Sample seen{5.5, device::Quality::good, {}};
  EXPECT_TRUE(agrees(feedback, 2.0, seen));
  EXPECT_FALSE(agrees(feedback, 1.0, seen));
  seen.value = true;
  EXPECT_TRUE(agrees(feedback, 0.0, seen)) << "on counts as 1";
}

}  // namespace
}  // namespace signalbox::control
