#include "control/command_queue.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::control {
namespace {

Command command_on(device::ChannelIndex channel) {
  Command command;
  command.writes[0].channel = channel;
  command.writes_count = 1;
  return command;
}

TEST(CommandQueue, keeps_the_order_when_some_finish) {
  std::array<QueuedCommand, 4> slots{};
  CommandQueue queue{slots};
  for (device::ChannelIndex i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(command_on(i)));
  queue.in_order()[0].stage = QueuedCommand::Stage::finished;
  queue.in_order()[2].stage = QueuedCommand::Stage::finished;
  queue.remove_finished();
  ASSERT_EQ(queue.in_order().size(), 2U);
  EXPECT_EQ(queue.in_order()[0].command.writes[0].channel, 1);
  EXPECT_EQ(queue.in_order()[1].command.writes[0].channel, 3);
  EXPECT_TRUE(queue.push(command_on(9)));
  EXPECT_EQ(queue.in_order()[2].command.writes[0].channel, 9);
  EXPECT_EQ(queue.in_order()[2].stage, QueuedCommand::Stage::waiting) << "nothing is left of the slot's past";
}

TEST(CommandQueue, a_full_queue_refuses_and_counts) {
  std::array<QueuedCommand, 2> slots{};
  CommandQueue queue{slots};
  EXPECT_TRUE(queue.push(command_on(0)));
  EXPECT_TRUE(queue.push(command_on(1)));
  EXPECT_FALSE(queue.push(command_on(2)));
  EXPECT_EQ(queue.gauge().used, 2U);
  EXPECT_EQ(queue.gauge().refused, 1U);
  for (QueuedCommand& queued : queue.in_order()) queued.stage = QueuedCommand::Stage::finished;
  queue.remove_finished();
  EXPECT_EQ(queue.gauge().used, 0U);
  EXPECT_EQ(queue.gauge().high_water, 2U);
  EXPECT_TRUE(queue.push(command_on(3)));
}

}  // namespace
}  // namespace signalbox::control
