#include "link/signals.hpp"

#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <vector>

#include "tests/firmware/link/steady_now.hpp"

namespace signalbox::link {
namespace {

class SignalsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::sigprocmask(SIG_BLOCK, nullptr, &before);
    ASSERT_TRUE(loop.open().has_value());
  }
  void TearDown() override { ::sigprocmask(SIG_SETMASK, &before, nullptr); }
  void pass() { loop.wait(steady_now(), steady_now() + from_ms(20)); }

  sigset_t before{};
  std::vector<Loop::Slot> slots{std::vector<Loop::Slot>(256)};
  Loop loop{slots, {steady_now, nullptr}};
};

TEST_F(SignalsTest, WakeTheLoopAndAreTakenOnce) {
  Signals signals{loop};
  ASSERT_TRUE(signals.open().has_value());
  pass();
  EXPECT_FALSE(signals.take_reload() || signals.take_report() || signals.stop_asked());
  std::raise(SIGHUP);
  pass();
  EXPECT_TRUE(signals.take_reload());
  EXPECT_FALSE(signals.take_reload());
  std::raise(SIGUSR1);
  pass();
  EXPECT_TRUE(signals.take_report());
  std::raise(SIGTERM);
  std::raise(SIGINT);
  pass();
  EXPECT_TRUE(signals.stop_asked());
}

}  // namespace
}  // namespace signalbox::link
