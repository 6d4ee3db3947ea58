#include "sim/hal/digital.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

using Direction = hal::Digital::Direction;
using hal::Completion;

class Wire final : public twins::Line {
 public:
  bool state = false;

 private:
  void do_drive(Instant /*at*/, bool level) override { state = level; }
  bool do_level(Instant /*at*/) override { return state; }
};

class DigitalTest : public testing::Test {
 protected:
  DigitalTest() {
    digital.attach("out", Direction::output, out);
    digital.attach("in", Direction::input, in);
  }
  void run_until(std::int64_t ms) {
    const Instant now{from_ms(ms)};
    while (digital.next() <= now) digital.finish_next();
    digital.set_now(now);
  }

  Wire out;
  Wire in;
  Faults faults;
  Digital digital{faults};
};

TEST_F(DigitalTest, ClaimsALineOnceAndInItsDirection) {
  EXPECT_EQ(digital.claim_input("nothing"), hal::Digital::kNoLine);
  EXPECT_EQ(digital.claim_output("in", false, false), hal::Digital::kNoLine);
  EXPECT_NE(digital.claim_input("in"), hal::Digital::kNoLine);
  EXPECT_EQ(digital.claim_input("in"), hal::Digital::kNoLine);
}

TEST_F(DigitalTest, HoldsTheInitialLevelFromTheFirstMoment) {
  ASSERT_NE(digital.claim_output("out", true, false), hal::Digital::kNoLine);
  EXPECT_TRUE(out.state);
}

TEST_F(DigitalTest, ALineWithoutLatencyAnswersAtOnceUnlessAFaultHoldsItUp) {
  Digital at_once{faults, Duration{}};
  at_once.attach("out", Direction::output, out);
  at_once.set_now(Instant{from_ms(1)});
  const int line = at_once.claim_output("out", false, false);
  hal::DigitalOperation write{.level = true};
  at_once.write(line, write);
  EXPECT_EQ(write.completion, Completion::done);
  EXPECT_TRUE(out.state);
  EXPECT_EQ(at_once.next(), kNever);
  faults.add({FaultKind::hung, "out", Instant{from_ms(1)}, Instant{from_ms(50)}});
  hal::DigitalOperation hung{.level = false};
  at_once.write(line, hung);
  EXPECT_EQ(hung.completion, Completion::pending);
  EXPECT_EQ(at_once.next(), Instant{from_ms(50)});
  at_once.finish_next();
  EXPECT_EQ(hung.completion, Completion::done);
}

TEST_F(DigitalTest, WhatHasNotBegunCanBeWithdrawn) {
  const int line = digital.claim_output("out", false, false);
  hal::DigitalOperation begun{.level = true};
  digital.write(line, begun);
  digital.withdraw(begun);
  EXPECT_EQ(begun.completion, Completion::pending) << "it has reached the hardware";
  run_until(1);
  EXPECT_TRUE(out.state);
  faults.add({FaultKind::hung, "out", Instant{from_ms(1)}, Instant{from_ms(50)}});
  hal::DigitalOperation hung{.level = false};
  digital.write(line, hung);
  digital.withdraw(hung);
  EXPECT_EQ(hung.completion, Completion::timed_out);
  run_until(100);
  EXPECT_TRUE(out.state);
}

TEST_F(DigitalTest, WritesAndReadsInALaterStepInOrder) {
  const int line = digital.claim_output("out", false, false);
  hal::DigitalOperation before;
  hal::DigitalOperation write{.level = true};
  hal::DigitalOperation after;
  digital.read(line, before);
  digital.write(line, write);
  digital.read(line, after);
  EXPECT_EQ(write.completion, Completion::pending);
  EXPECT_FALSE(out.state);
  run_until(1);
  EXPECT_EQ(write.completion, Completion::done);
  EXPECT_TRUE(out.state);
  EXPECT_FALSE(before.level);
  EXPECT_TRUE(after.level);
}

TEST_F(DigitalTest, NeverWritesAfterTheDeadline) {
  run_until(10);
  const int line = digital.claim_output("out", false, false);
  hal::DigitalOperation late{.level = true, .deadline = Instant{from_ms(9)}};
  digital.write(line, late);
  run_until(20);
  EXPECT_EQ(late.completion, Completion::timed_out);
  EXPECT_FALSE(out.state);
}

TEST_F(DigitalTest, AStuckLineKeepsItsLevel) {
  const int output = digital.claim_output("out", false, false);
  const int input = digital.claim_input("in");
  for (const std::string_view name : {"out", "in"})
    faults.add({FaultKind::stuck, name, Instant{}, Instant{from_ms(5)}});
  in.state = true;
  hal::DigitalOperation write{.level = true};
  hal::DigitalOperation read_back;
  hal::DigitalOperation read;
  digital.write(output, write);
  digital.read(output, read_back);
  digital.read(input, read);
  run_until(5);
  EXPECT_EQ(write.completion, Completion::done);
  EXPECT_FALSE(read_back.level);
  EXPECT_FALSE(read.level);
  digital.read(input, read);
  run_until(6);
  EXPECT_TRUE(read.level);
}

TEST_F(DigitalTest, CountsTheEdgesOfAnInput) {
  const int line = digital.claim_input("in", {.debounce = from_ms(10), .edges = hal::Edges::both});
  for (const int ms : {20, 40, 42, 44, 60}) {
    in.state = !in.state;
    digital.watch(Instant{from_ms(ms)});
  }
  run_until(100);
  hal::DigitalOperation read;
  digital.read(line, read);
  run_until(101);
  EXPECT_EQ(read.completion, Completion::done);
  EXPECT_TRUE(read.level);
  EXPECT_EQ(read.edges.count, 3U) << "up, and for 16 ms down; 2 ms count for nothing";
  EXPECT_EQ(read.edges.last_at, Instant{from_ms(70)});
  EXPECT_EQ(read.edges.last_apart, from_ms(16));
}

TEST_F(DigitalTest, AStuckLineHasNoEdges) {
  const int line = digital.claim_input("in", {.edges = hal::Edges::both});
  faults.add({FaultKind::stuck, "in", Instant{}, Instant{from_ms(50)}});
  in.state = true;
  digital.watch(Instant{from_ms(20)});
  in.state = false;
  digital.watch(Instant{from_ms(40)});
  run_until(60);
  hal::DigitalOperation read;
  digital.read(line, read);
  run_until(61);
  EXPECT_EQ(read.edges.count, 0U);
}

TEST_F(DigitalTest, RefusesWhatItCannotDo) {
  const int input = digital.claim_input("in");
  hal::DigitalOperation operation{.level = true};
  digital.write(input, operation);
  EXPECT_EQ(operation.completion, Completion::failed);
  digital.read(hal::Digital::kNoLine, operation);
  EXPECT_EQ(operation.completion, Completion::failed);
  digital.read(99, operation);
  EXPECT_EQ(operation.completion, Completion::failed);
  std::array<hal::DigitalOperation, 65> many{};
  for (hal::DigitalOperation& one : many) digital.read(input, one);
  EXPECT_EQ(many[63].completion, Completion::pending);
  EXPECT_EQ(many[64].completion, Completion::failed);
}

TEST_F(DigitalTest, FailsWhenToldTo) {
  const int line = digital.claim_output("out", false, false);
  faults.add({FaultKind::fails, "out"});
  hal::DigitalOperation write{.level = true};
  digital.write(line, write);
  run_until(1);
  EXPECT_EQ(write.completion, Completion::failed);
  EXPECT_FALSE(out.state);
}

}  // namespace
}  // namespace signalbox::sim
