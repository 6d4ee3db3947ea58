#include "session/frame_pool.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::session {
namespace {

class FramePoolTest : public testing::Test {
 protected:
  std::array<FramePool::Frame, 3> slots{};
  std::array<char, 30> bytes{};
  FramePool pool{slots, bytes};
};

TEST_F(FramePoolTest, each_frame_has_its_own_memory) {
  const FrameId first = pool.take();
  const FrameId second = pool.take();
  ASSERT_NE(first, kNoFrame);
  ASSERT_NE(second, kNoFrame);
  EXPECT_EQ(pool.memory(first).size(), 10U);
  EXPECT_EQ(pool.memory(second).data() - pool.memory(first).data(), 10);
  pool.memory(second)[0] = 'x';
  pool.set_size(second, 1);
  EXPECT_EQ(pool.text(second), "x");
  EXPECT_EQ(pool.text(first), "");
}

TEST_F(FramePoolTest, the_last_holder_frees_it) {
  const FrameId frame = pool.take();
  pool.hold(frame);
  pool.hold(frame);
  EXPECT_EQ(pool.holders(), 3U);
  pool.let_go(frame);
  pool.let_go(frame);
  EXPECT_EQ(pool.gauge().used, 1U);
  pool.let_go(frame);
  EXPECT_EQ(pool.gauge().used, 0U);
  EXPECT_EQ(pool.holders(), 0U);
}

TEST_F(FramePoolTest, an_exhausted_pool_refuses_counts_and_recovers) {
  const FrameId frame = pool.take();
  pool.set_size(frame, 7);
  EXPECT_NE(pool.take(), kNoFrame);
  EXPECT_NE(pool.take(), kNoFrame);
  EXPECT_EQ(pool.take(), kNoFrame);
  EXPECT_EQ(pool.gauge().refused, 1U);
  EXPECT_EQ(pool.gauge().high_water, 3U);
  pool.let_go(frame);
  EXPECT_EQ(pool.take(), frame);
  EXPECT_EQ(pool.text(frame), "") << "nothing is left of its past";
}

TEST_F(FramePoolTest, the_last_ones_are_left_to_long_answers) {
  const FrameId frame = pool.take_spare();
  EXPECT_NE(pool.take_spare(), kNoFrame);
  EXPECT_EQ(pool.take_spare(), kNoFrame);
  EXPECT_EQ(pool.gauge().refused, 1U);
  EXPECT_NE(pool.take(), kNoFrame);
  pool.let_go(frame);
  EXPECT_EQ(pool.take_spare(), kNoFrame);
  EXPECT_NE(pool.take(), kNoFrame);
}

TEST(FramePool32, leaves_an_eighth) {
  std::array<FramePool::Frame, 32> slots{};
  FramePool pool{slots, {}};
  for (int i = 0; i < 28; ++i) EXPECT_NE(pool.take_spare(), kNoFrame);
  EXPECT_EQ(pool.take_spare(), kNoFrame);
  for (int i = 0; i < 4; ++i) EXPECT_NE(pool.take(), kNoFrame);
  EXPECT_EQ(pool.take(), kNoFrame);
}

TEST_F(FramePoolTest, a_pool_of_nothing_only_refuses) {
  FramePool empty{{}, {}};
  EXPECT_EQ(empty.take(), kNoFrame);
}

TEST_F(FramePoolTest, letting_go_of_what_nobody_holds_is_a_broken_invariant) {
  const FrameId frame = pool.take();
  pool.let_go(frame);
  EXPECT_DEATH(pool.let_go(frame), "broken invariant");
  EXPECT_DEATH(pool.hold(kNoFrame), "broken invariant");
}

}  // namespace
}  // namespace signalbox::session
