#include "sim/hal/append_log.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

using hal::Completion;

class SimAppendLogTest : public testing::Test {
 protected:
  Completion append(std::string_view text, Instant until) {
    operation.bytes = text;
    log.append(operation);
    log.poll(until);
    return operation.completion;
  }
  Instant at(std::int64_t ms) { return Instant{from_ms(ms)}; }

  Faults faults;
  std::string disk;
  AppendLog log{faults, disk};
  hal::AppendOperation operation;
};

TEST_F(SimAppendLogTest, TakesItsTime) {
  EXPECT_EQ(log.next(), kNever);
  EXPECT_EQ(append("one ", at(2)), Completion::pending);
  EXPECT_EQ(log.next(), at(3));
  log.poll(at(3));
  EXPECT_EQ(operation.completion, Completion::done);
  EXPECT_EQ(append("two", at(10)), Completion::done);
  EXPECT_EQ(disk, "one two");
}

TEST_F(SimAppendLogTest, ReadsItsEnd) {
  append("one two", at(10));
  std::array<char, 4> into{};
  ASSERT_EQ(*log.read_end(into), 4U);
  EXPECT_EQ((std::string_view{into.data(), 4}), " two");
  log.drop_end(4);
  append("!", at(20));
  EXPECT_EQ(disk, "one!");
}

TEST_F(SimAppendLogTest, ReadsFromAnyPlace) {
  append("one two", at(10));
  std::array<char, 4> into{};
  ASSERT_EQ(*log.read(2, into), 4U);
  EXPECT_EQ((std::string_view{into.data(), 4}), "e tw");
  ASSERT_EQ(*log.read(6, into), 1U);
  EXPECT_EQ(into[0], 'o');
  EXPECT_EQ(*log.read(7, into), 0U);
  EXPECT_EQ(*log.read(99, into), 0U);
  faults.add({FaultKind::fails, "journal", at(10), at(20)});
  EXPECT_EQ(log.read(0, into).error().reason, Reason::failed);
}

TEST_F(SimAppendLogTest, HasItsOwnFaults) {
  AppendLog other{faults, disk, "history"};
  faults.add({FaultKind::fails, "journal", at(0), at(20)});
  operation.bytes = std::string_view{"one"};
  other.append(operation);
  other.poll(at(10));
  EXPECT_EQ(operation.completion, Completion::done);
}

TEST_F(SimAppendLogTest, WhatFailedIsWrittenOver) {
  append("one ", at(10));
  faults.add({FaultKind::fails, "journal", at(10), at(20)});
  EXPECT_EQ(append("three", at(20)), Completion::failed);
  EXPECT_EQ(operation.why.view(), "the disk is full");
  EXPECT_EQ(disk, "one th") << "half of it reached the disk";
  EXPECT_EQ(append("two", at(30)), Completion::done);
  EXPECT_EQ(disk, "one two");
}

TEST_F(SimAppendLogTest, HangsUntilTheFaultEnds) {
  faults.add({FaultKind::hung, "journal", at(0), at(500)});
  EXPECT_EQ(append("one", at(400)), Completion::pending);
  log.poll(at(503));
  EXPECT_EQ(operation.completion, Completion::done);
}

TEST_F(SimAppendLogTest, APowerCutTearsWhatIsUnderWay) {
  append("one ", at(10));
  EXPECT_EQ(append("two", at(11)), Completion::pending);
  log.cut_power(2);
  EXPECT_EQ(disk, "one tw");
  log.drop_end(2);
  EXPECT_EQ(append("2", at(20)), Completion::done);
  EXPECT_EQ(disk, "one 2");
}

}  // namespace
}  // namespace signalbox::sim
