#include "session/inbox.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::session {
namespace {

using Outcome = Inbox::Outcome;

class InboxTest : public testing::Test {
 protected:
  Inbox::Taken take(Inbox& of, std::string_view part, bool first, bool last) {
    return of.take(pool, part, first, last, now);
  }

  Instant now{from_ms(500)};
  std::array<FramePool::Frame, 1> slots{};
  std::array<char, 10> bytes{};
  FramePool pool{slots, bytes};
  Inbox inbox;
};

TEST_F(InboxTest, a_whole_message_is_not_copied) {
  const std::string_view message = "much longer than a frame";
  const Inbox::Taken taken = take(inbox, message, true, true);
  EXPECT_EQ(taken.outcome, Outcome::complete);
  EXPECT_EQ(taken.message.data(), message.data());
  EXPECT_EQ(taken.message.size(), message.size());
  EXPECT_EQ(pool.gauge().used, 0U);
}

TEST_F(InboxTest, pieces_are_put_together_up_to_the_last_byte) {
  EXPECT_EQ(take(inbox, "abcd", true, false).outcome, Outcome::incomplete);
  EXPECT_EQ(inbox.incomplete_since(), now);
  now += from_ms(100);
  EXPECT_EQ(take(inbox, "", false, false).outcome, Outcome::incomplete);
  EXPECT_EQ(take(inbox, "efgh", false, false).outcome, Outcome::incomplete);
  EXPECT_EQ(inbox.incomplete_since(), now - from_ms(100)) << "pieces do not renew it";
  const Inbox::Taken taken = take(inbox, "ij", false, true);
  EXPECT_EQ(taken.outcome, Outcome::complete);
  EXPECT_EQ(taken.message, "abcdefghij");
  EXPECT_EQ(inbox.incomplete_since(), kNever);
  inbox.clear(pool);
  EXPECT_EQ(pool.gauge().used, 0U);
}

TEST_F(InboxTest, a_byte_too_much_is_too_big_and_frees_the_frame) {
  take(inbox, "abcdefghij", true, false);
  EXPECT_EQ(take(inbox, "k", false, false).outcome, Outcome::too_big);
  EXPECT_EQ(pool.gauge().used, 0U);
  EXPECT_EQ(take(inbox, "l", false, true).outcome, Outcome::incomplete) << "the rest of what was refused";
  EXPECT_EQ(take(inbox, "next", true, true).message, "next");
}

TEST_F(InboxTest, without_a_frame_a_message_is_skipped_to_its_end_and_told_once) {
  Inbox other;
  take(other, "x", true, false);
  EXPECT_EQ(take(inbox, "abc", true, false).outcome, Outcome::incomplete);
  EXPECT_EQ(inbox.incomplete_since(), now) << "it must end some time, too";
  EXPECT_EQ(take(inbox, std::string(100, 'd'), false, false).outcome, Outcome::incomplete);
  EXPECT_EQ(take(inbox, "e", false, true).outcome, Outcome::no_room);
  EXPECT_EQ(inbox.incomplete_since(), kNever);
  other.clear(pool);
  take(inbox, "ab", true, false);
  EXPECT_EQ(take(inbox, "cd", false, true).message, "abcd");
  inbox.clear(pool);
}

TEST_F(InboxTest, a_new_first_piece_drops_what_was_begun) {
  take(inbox, "lost", true, false);
  take(inbox, "ne", true, false);
  EXPECT_EQ(take(inbox, "w", false, true).message, "new");
  EXPECT_EQ(pool.holders(), 1U);
  inbox.clear(pool);
  EXPECT_EQ(pool.holders(), 0U);
}

}  // namespace
}  // namespace signalbox::session
