#include "link/loop.hpp"

#include <chrono>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <unistd.h>
#include <vector>

#include "tests/firmware/link/steady_now.hpp"

namespace signalbox::link {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0); }
  ~Pipe() { close(); }
  void close() {
    for (int& end : ends)
      if (end >= 0) ::close(std::exchange(end, -1));
  }
  void fill() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  int out() const { return ends[0]; }
  int ends[2] = {-1, -1};
};

struct Heard final : Watcher {
  void do_ready(int fd) override {
    ++times;
    if (then) then(fd);
  }
  int times = 0;
  std::function<void(int)> then;
};

class LoopTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(loop.open().has_value()); }
  void pass() { loop.wait(steady_now(), steady_now()); }

  std::vector<Loop::Slot> slots{std::vector<Loop::Slot>(256)};
  Loop loop{slots, {steady_now, nullptr}};
};

TEST_F(LoopTest, TellsAWatcherUntilItGoes) {
  Pipe pipe;
  Heard heard;
  ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  pass();
  EXPECT_EQ(heard.times, 0);
  pipe.fill();
  pass();
  pass();
  EXPECT_EQ(heard.times, 2);  // nobody has read it
  loop.pause(pipe.out(), true);
  pass();
  EXPECT_EQ(heard.times, 2);
  loop.pause(pipe.out(), false);
  pass();
  EXPECT_EQ(heard.times, 3);
  loop.unwatch(pipe.out());
  pass();
  EXPECT_EQ(heard.times, 3);
}

TEST_F(LoopTest, WaitsOutADeadlineWithoutSpinning) {
  const Instant deadline = steady_now() + Duration{20'300};
  int passes = 0;
  while (steady_now() < deadline) {
    loop.wait(steady_now(), deadline);
    ++passes;
  }
  EXPECT_LE(passes, 2);
}

TEST_F(LoopTest, ServesEachAtTheTimeOfItsTurn) {
  Pipe pipes[2];
  Heard heard;
  std::vector<Instant> times;
  heard.then = [&](int) {
    times.push_back(loop.now());
    EXPECT_LE(loop.now(), steady_now());
    for (const Instant start = steady_now(); steady_now() - start < from_ms(2);) {
    }
    times.push_back(loop.now());
  };
  for (Pipe& pipe : pipes) {
    ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
    pipe.fill();
  }
  const Instant start = steady_now();
  pass();
  ASSERT_EQ(times.size(), 4U);
  EXPECT_GE(times[0], start);
  EXPECT_EQ(times[1], times[0]);
  EXPECT_GE(times[2] - times[0], from_ms(2));
  EXPECT_EQ(times[3], times[2]);
  for (Pipe& pipe : pipes) loop.unwatch(pipe.out());
}

TEST_F(LoopTest, WakesBeforeTheDeadlineForWhatIsReady) {
  Pipe pipe;
  Heard heard;
  ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  pipe.fill();
  const Instant start = steady_now();
  loop.wait(steady_now(), start + from_ms(5000));
  EXPECT_LT(steady_now() - start, from_ms(1000));
  EXPECT_EQ(heard.times, 1);
  loop.unwatch(pipe.out());
}

TEST_F(LoopTest, NeverTellsTheNextOwnerOfANumberWhatWasMeantForTheLast) {
  Pipe a;
  Pipe b;
  Pipe fresh;
  Heard next;
  Heard heard_a;
  Heard heard_b;
  // Whoever hears first closes the other's pipe; its number goes to a pipe that has nothing to read.
  const auto swap = [&](Pipe& other) {
    return [&](int) {
      const int number = other.out();
      loop.unwatch(number);
      ASSERT_EQ(::dup2(fresh.out(), number), number);
      ASSERT_TRUE(loop.watch(number, next).has_value());
    };
  };
  heard_a.then = swap(b);
  heard_b.then = swap(a);
  ASSERT_TRUE(loop.watch(a.out(), heard_a).has_value());
  ASSERT_TRUE(loop.watch(b.out(), heard_b).has_value());
  a.fill();
  b.fill();
  pass();
  EXPECT_EQ(heard_a.times + heard_b.times, 1);
  EXPECT_EQ(next.times, 0);
  pass();
  EXPECT_EQ(next.times, 0);
  fresh.fill();
  heard_a.then = heard_b.then = nullptr;
  pass();
  EXPECT_EQ(next.times, 1);
  loop.unwatch(a.out());
  loop.unwatch(b.out());
}

TEST_F(LoopTest, ServesABoundedNumberInOnePass) {
  std::vector<Pipe> pipes(static_cast<std::size_t>(Loop::kEventsPerPass) + 20);
  Heard heard;
  heard.then = [](int fd) {
    char byte = 0;
    EXPECT_EQ(::read(fd, &byte, 1), 1);
  };
  for (Pipe& pipe : pipes) {
    ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  }
  for (int i = 0; i < 5; ++i) pass();  // the kernel knows of all by then
  for (Pipe& pipe : pipes) pipe.fill();
  pass();
  EXPECT_EQ(heard.times, Loop::kEventsPerPass);
  pass();
  EXPECT_EQ(heard.times, Loop::kEventsPerPass + 20);
  for (Pipe& pipe : pipes) loop.unwatch(pipe.out());
}

TEST_F(LoopTest, ServesFewerWhereEachTakesLonger) {
  std::vector<Pipe> pipes(static_cast<std::size_t>(Loop::kEventsPerPass));
  Heard heard;
  for (Pipe& pipe : pipes) ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  for (int i = 0; i < 5; ++i) pass();  // the kernel knows of all by then
  std::set<int> served;
  heard.then = [&](int fd) {
    char byte = 0;
    EXPECT_EQ(::read(fd, &byte, 1), 1);
    loop.spend(Loop::kDepartureUnits);
    served.insert(fd);
  };
  for (std::size_t i = 0; i < pipes.size(); ++i) {
    pipes[i].fill();
    loop.defer(pipes[i].out(), i % 2 == 0);
  }
  constexpr int kOfEach = Loop::kUnitsPerPass / (Loop::kDepartureUnits + 1) + 1;
  constexpr int kAll = Loop::kEventsPerPass;
  for (int passes = 0, before = 0; before < kAll; before = heard.times) {
    ASSERT_LT(passes++, kAll);
    pass();
    EXPECT_LE(heard.times - before, 2 * kOfEach);
    EXPECT_GT(heard.times, before);
  }
  EXPECT_EQ(served.size(), pipes.size());  // whoever waited was not forgotten
  for (Pipe& pipe : pipes) loop.unwatch(pipe.out());
}

TEST_F(LoopTest, ServesThoseWhoAreDeferredInEveryFifthPassOfOthersAndAtOnceAlone) {
  std::array<Pipe, 4> pipes;
  std::vector<int> order;
  Heard heard;
  heard.then = [&](int fd) { order.push_back(fd); };
  for (Pipe& pipe : pipes) {
    ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
    pipe.fill();
  }
  loop.defer(pipes[0].out(), true);
  loop.defer(pipes[2].out(), true);
  const auto in_one_pass = [&] {
    order.clear();
    pass();
    return std::set(order.begin(), order.end());
  };
  const std::set others{pipes[1].out(), pipes[3].out()};
  for (int i = 0; i < Loop::kDeferredPassesMax; ++i) EXPECT_EQ(in_one_pass(), others);
  EXPECT_EQ(in_one_pass().size(), 4U);
  EXPECT_EQ(std::set(order.begin(), order.begin() + 2), others);  // they come first then too
  EXPECT_EQ(in_one_pass(), others);
  loop.pause(pipes[1].out(), true);
  loop.pause(pipes[3].out(), true);
  EXPECT_EQ(in_one_pass(), (std::set{pipes[0].out(), pipes[2].out()}));
  for (Pipe& pipe : pipes) loop.unwatch(pipe.out());
}

/// Several passes may be needed until the kernel knows of all, but none of them waits.
TEST_F(LoopTest, LooksAtABoundedNumberOfWishesBetweenTwoLooksAtWhoIsReady) {
  std::vector<Pipe> pipes(100);
  Heard heard;
  for (Pipe& pipe : pipes) {
    pipe.fill();
    ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  }
  const Instant start = steady_now();
  loop.wait(steady_now(), start + from_ms(60'000));
  EXPECT_EQ(heard.times, Loop::kEventsPerPass);
  for (int i = 0; i < 3; ++i) loop.wait(steady_now(), start + from_ms(60'000));
  heard.times = 0;
  loop.wait(steady_now(), start + from_ms(60'000));
  loop.wait(steady_now(), start + from_ms(60'000));
  EXPECT_EQ(heard.times, 2 * Loop::kEventsPerPass);
  for (Pipe& pipe : pipes) loop.unwatch(pipe.out());
}

struct Written final : Writer {
  void do_write(std::uint32_t connection) override { connections.push_back(connection); }
  std::vector<std::uint32_t> connections;
};

TEST_F(LoopTest, CallsTheWriterOnceForEachThatAskedInOrderAndABoundedNumberInAPass) {
  Written written;
  loop.serve(nullptr, &written);
  constexpr int kAsking = 200;
  std::vector<std::uint32_t> all;
  for (int fd = 0; fd < kAsking; ++fd) {
    slots[static_cast<std::size_t>(fd)].owner = Loop::Slot::Owner::lws;
    slots[static_cast<std::size_t>(fd)].hung_up =
        true;  // libwebsockets closed it, as far as epoll is concerned
    all.push_back(static_cast<std::uint32_t>(fd) + 1000);
    loop.ask_to_write(fd, 7);
    loop.ask_to_write(fd, all.back());
  }
  pass();
  const std::size_t most = Loop::kEventsPerPass + 2 * Loop::kSettledPerPass;
  EXPECT_LE(written.connections.size(), most);
  for (int i = 0; i < kAsking; ++i) pass();
  EXPECT_EQ(written.connections, all);
}

TEST_F(LoopTest, CallsNoWriterForADescriptorThatIsNoConnection) {
  Written written;
  Pipe pipe;
  Heard heard;
  ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  loop.serve(nullptr, &written);
  loop.ask_to_write(pipe.out(), 7);
  loop.ask_to_write(static_cast<int>(slots.size()), 7);
  pass();
  EXPECT_TRUE(written.connections.empty());
}

TEST_F(LoopTest, GivesOneTurnAPassOnceItTookLong) {
  Pipe pipe;
  Heard heard;
  int turns = 0;
  heard.then = [&](int) {
    for (int i = 0; i < 3; ++i) {
      if (loop.take_turn()) ++turns;
      const Instant costly = steady_now() + from_ms(1);
      while (steady_now() < costly) {
      }
    }
  };
  ASSERT_TRUE(loop.watch(pipe.out(), heard).has_value());
  pipe.fill();
  pass();
  EXPECT_EQ(turns, 1);
  pass();
  EXPECT_EQ(turns, 2);
  loop.unwatch(pipe.out());
}

TEST_F(LoopTest, RefusesANumberBeyondItsTable) {
  Heard heard;
  const Result<void> watched = loop.watch(256, heard);
  ASSERT_FALSE(watched.has_value());
  EXPECT_EQ(watched.error().reason, Reason::overloaded);
}

}  // namespace
}  // namespace signalbox::link
