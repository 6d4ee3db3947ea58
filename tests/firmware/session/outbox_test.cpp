#include "session/outbox.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::session {
namespace {

using device::Rung;
using protocol::Ack;
using protocol::Progress;

class OutboxTest : public testing::Test {
 protected:
  ~OutboxTest() override {
    outbox.clear(pool);
    EXPECT_EQ(pool.holders(), 0U);
  }
  FrameId offer() {
    const FrameId frame = pool.take();
    const bool taken = outbox.offer(pool, frame);
    pool.let_go(frame);
    return taken ? frame : kNoFrame;
  }
  std::uint32_t reserve(std::string_view reply_to) { return outbox.reserve({reply_to, {}}).value(); }
  void let_go_next() { pool.let_go(outbox.next_frame()); }
  static device::Latest sample(double value) { return {.sample = {.value = value}, .was_read = true}; }
  std::string next_reply_to() {
    const AnswerPlace* next = outbox.next_answer();
    return next == nullptr ? "none" : std::string{next->answer.header.reply_to.view()};
  }

  std::array<AnswerPlace, 3> places{};
  std::array<FrameId, 2> waiting{};
  std::array<protocol::Fold, 2> folds{};
  std::array<FramePool::Frame, 8> slots{};
  std::array<char, 8> bytes{};
  FramePool pool{slots, bytes};
  Outbox outbox{{places, 0, 1}, waiting, folds};
};

TEST_F(OutboxTest, places_are_reserved_until_the_final_answer_is_rendered) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(outbox.reserve({}).has_value());
  EXPECT_EQ(outbox.free_places(), 0U);
  EXPECT_FALSE(outbox.reserve({}).has_value());
  outbox.finish(1, Ack{});
  EXPECT_EQ(outbox.free_places(), 0U);
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(outbox.free_places(), 1U);
  EXPECT_EQ(outbox.reserve({}), 1U);
}

TEST_F(OutboxTest, progress_keeps_the_place_and_the_next_one_overwrites_it) {
  const auto place = reserve("c-1");
  EXPECT_TRUE(outbox.awaits_answers());
  EXPECT_EQ(outbox.next_answer(), nullptr);
  outbox.progress(place, Progress{Rung::accepted});
  outbox.progress(place, Progress{Rung::applied});
  EXPECT_EQ(std::get<Progress>(outbox.next_answer()->answer.body).rung, Rung::applied);
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(outbox.next_answer(), nullptr);
  EXPECT_EQ(outbox.free_places(), 2U);
  outbox.progress(place, Progress{Rung::applied});
  outbox.finish(place, Ack{Ack::Outcome::verified});
  EXPECT_FALSE(outbox.awaits_answers());
  EXPECT_TRUE(std::holds_alternative<Ack>(outbox.next_answer()->answer.body))
      << "what was not sent gives way";
  EXPECT_EQ(next_reply_to(), "c-1");
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(outbox.free_places(), 3U);
}

TEST_F(OutboxTest, a_request_cannot_be_answered_twice) {
  const auto place = *outbox.reserve({});
  outbox.finish(place, Ack{});
  EXPECT_DEATH(outbox.finish(place, Ack{}), "broken invariant");
  EXPECT_DEATH(outbox.progress(place, Progress{}), "broken invariant");
}

TEST_F(OutboxTest, answers_leave_in_the_order_they_became_ready) {
  reserve("first");
  reserve("second");
  reserve("third");
  outbox.finish(2, Ack{});
  outbox.finish(0, Ack{});
  EXPECT_EQ(next_reply_to(), "third");
  const std::uint64_t sequence = outbox.next_answer()->sequence;
  EXPECT_EQ(outbox.next_answer(sequence)->answer.header.reply_to.view(), "first")
      << "looking on, taking none";
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "first");
  outbox.finish(1, Ack{});
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "second");
}

TEST_F(OutboxTest, frames_wait_in_a_short_row_then_fold) {
  const FrameId first = offer();
  const FrameId second = offer();
  EXPECT_EQ(pool.holders(), 2U);
  EXPECT_EQ(offer(), kNoFrame);
  outbox.fold(0, sample(1));
  EXPECT_EQ(outbox.next_frame(), first);
  pool.let_go(first);
  EXPECT_FALSE(outbox.takes_frames()) << "what is folded is older than a new frame; it goes first";
  EXPECT_EQ(outbox.next_frame(), second);
  pool.let_go(second);
  EXPECT_FALSE(outbox.takes_frames());
  outbox.clear_folds(outbox.folded());
  EXPECT_TRUE(outbox.takes_frames());
  EXPECT_FALSE(outbox.has_telemetry());
}

TEST_F(OutboxTest, folds_have_min_max_and_count_and_begin_anew) {
  for (const double value : {3.0, -1.0, 2.0}) outbox.fold(0, sample(value));
  outbox.fold(1, sample(7));
  EXPECT_EQ(outbox.folds()[0].min, -1.0);
  EXPECT_EQ(outbox.folds()[0].max, 3.0);
  EXPECT_EQ(outbox.folds()[0].count, 3U);
  device::ChannelSet part;
  part.set(0);
  outbox.clear_folds(part);
  EXPECT_FALSE(outbox.folded().test(0));
  EXPECT_TRUE(outbox.folded().test(1)) << "not sent yet";
  outbox.fold(0, sample(10));
  EXPECT_EQ(outbox.folds()[0].min, 10.0);
  EXPECT_EQ(outbox.folds()[0].count, 1U);
}

TEST_F(OutboxTest, what_was_never_read_folds_without_numbers) {
  outbox.fold(0, device::Latest{});
  EXPECT_TRUE(outbox.folded().test(0));
  EXPECT_EQ(outbox.folds()[0].count, 1U);
  EXPECT_EQ(outbox.folds()[0].numbers, 0U);
  outbox.fold(0, sample(21));
  EXPECT_EQ(outbox.folds()[0].min, 21.0) << "no zero that nobody measured";
}

TEST_F(OutboxTest, a_snapshot_leaves_after_the_frames_before_it_and_is_not_held_up_by_new_ones) {
  offer();
  offer();
  reserve("snapshot");
  outbox.finish(0, protocol::Snapshot{});
  EXPECT_EQ(next_reply_to(), "none");
  EXPECT_FALSE(outbox.takes_frames());
  outbox.fold(0, sample(1));
  let_go_next();
  EXPECT_EQ(next_reply_to(), "none");
  let_go_next();
  EXPECT_EQ(next_reply_to(), "snapshot") << "folds are rendered when they leave: never older than it";
  outbox.replace(*outbox.next_answer(), protocol::Synced{});
  EXPECT_EQ(next_reply_to(), "snapshot");
  outbox.clear_folds(outbox.folded());
  EXPECT_TRUE(outbox.takes_frames());
  offer();
  EXPECT_EQ(next_reply_to(), "snapshot") << "synced waits for nothing";
}

TEST_F(OutboxTest, other_answers_pass_one_that_waits_for_frames) {
  offer();
  reserve("unsubscribed");
  reserve("stop");
  outbox.finish(0, Ack{Ack::Outcome::unsubscribed});
  outbox.finish(1, Ack{Ack::Outcome::verified});
  EXPECT_EQ(next_reply_to(), "stop");
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "none");
  EXPECT_FALSE(outbox.empty());
  let_go_next();
  EXPECT_EQ(next_reply_to(), "unsubscribed");
  EXPECT_FALSE(outbox.takes_frames());
  outbox.answered(*outbox.next_answer());
  EXPECT_TRUE(outbox.takes_frames());
  EXPECT_TRUE(outbox.empty());
}

TEST_F(OutboxTest, dropping_telemetry_lets_answers_go) {
  offer();
  reserve("snapshot");
  outbox.finish(0, protocol::Snapshot{});
  outbox.fold(0, sample(1));
  outbox.clear_telemetry(pool);
  EXPECT_EQ(pool.holders(), 0U);
  EXPECT_EQ(next_reply_to(), "snapshot");
}

TEST_F(OutboxTest, folds_that_are_held_wait_without_holding_up_the_rest) {
  outbox.hold_folds(1);
  outbox.fold(0, sample(1));
  EXPECT_FALSE(outbox.has_telemetry());
  outbox.fold(1, sample(2));
  EXPECT_EQ(outbox.folded(), device::ChannelSet{0b10});
  outbox.sent_folds(outbox.folded());
  EXPECT_TRUE(outbox.empty());
  outbox.hold_folds({});
  EXPECT_EQ(outbox.folded(), device::ChannelSet{0b01});
}

TEST_F(OutboxTest, an_answer_in_parts_takes_turns) {
  reserve("missed");
  reserve("ack");
  outbox.finish(0, protocol::Missed{});
  EXPECT_FALSE(outbox.takes_frames());
  outbox.finish(1, Ack{});
  EXPECT_EQ(next_reply_to(), "missed");
  outbox.fold(0, sample(1));
  outbox.go_on_later(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "ack");
  outbox.answered(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "none") << "first what is folded";
  outbox.sent_folds(outbox.folded());
  EXPECT_EQ(next_reply_to(), "missed");
  outbox.go_on_later(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "missed");
  outbox.fold(0, sample(1));
  EXPECT_EQ(next_reply_to(), "missed") << "its turn";
}

TEST_F(OutboxTest, an_answer_in_parts_does_not_wait_for_folds_that_are_dropped) {
  reserve("missed");
  outbox.finish(0, protocol::Missed{});
  outbox.fold(0, sample(1));
  outbox.go_on_later(*outbox.next_answer());
  EXPECT_EQ(next_reply_to(), "none");
  outbox.clear_folds(1);
  EXPECT_EQ(next_reply_to(), "missed");
}

TEST_F(OutboxTest, what_replaces_an_answer_waits_for_no_telemetry_that_came_since) {
  const auto place = reserve("c-1");
  outbox.finish(place, protocol::Missed{});
  AnswerPlace* part = outbox.next_answer();
  ASSERT_NE(part, nullptr);
  outbox.fold(0, sample(1.0));
  outbox.go_on_later(*part);
  outbox.clear_folds(device::ChannelSet{}.set());
  AnswerPlace* ready = outbox.next_answer();
  ASSERT_NE(ready, nullptr);
  outbox.replace(*ready, protocol::Synced{});
  outbox.fold(0, sample(2.0));
  EXPECT_EQ(next_reply_to(), "c-1");
}

TEST_F(OutboxTest, a_measure_is_told_once_and_never_in_a_shared_frame) {
  outbox.fold(0, sample(1.0));
  outbox.sent_folds(1);
  EXPECT_TRUE(outbox.takes_frames());
  outbox.tell_measure(1);
  EXPECT_FALSE(outbox.takes_frames());
  EXPECT_TRUE(outbox.has_telemetry());
  EXPECT_EQ(outbox.folds()[0].count, 0U) << "what was folded before was sent";
  EXPECT_EQ(outbox.unmeasured(), outbox.folded());
  outbox.fold(0, sample(2.0));
  outbox.tell_measure(1);
  EXPECT_EQ(outbox.folds()[0].count, 1U) << "what is folded stays";
  outbox.sent_folds(1);
  EXPECT_TRUE(outbox.unmeasured().none());
  EXPECT_FALSE(outbox.has_telemetry());
  outbox.tell_measure(1);
  outbox.clear_telemetry(pool);
  EXPECT_TRUE(outbox.takes_frames());
}

TEST_F(OutboxTest, without_a_row_everything_folds) {
  Outbox none{{places, 0, 1}, {}, folds};
  EXPECT_FALSE(none.takes_frames());
  EXPECT_EQ(none.next_frame(), kNoFrame);
}

}  // namespace
}  // namespace signalbox::session
