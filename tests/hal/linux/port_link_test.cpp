// The loop's way to a process that holds a device, with a real process at its other end.
#include "hal/linux/port_link.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <gtest/gtest.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "hal/linux/clock.hpp"
#include "hal/linux/port_worker.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr std::int32_t kHangs = 7;
constexpr std::int32_t kDies = 8;
constexpr std::int32_t kGoes = 10;        // as if its peer was gone
constexpr std::int32_t kTellsItself = 9;  // its number, in `silent_ms`

/// Answers reads with the opposite of what was asked.
class Contrary final : public PortWorker {
 public:
  Contrary(int socket, bool fenced)
      : PortWorker{{.watcher = "test-watch", .worker = "test-port"}, socket, fenced} {}

 private:
  void do_serve(const PortRequest& request, PortReply& reply) override {
    if (request.line == kHangs) ::poll(nullptr, 0, -1);
    if (request.line == kDies) _exit(3);
    if (request.line == kGoes) _exit(kPeerGone);
    if (request.line == kTellsItself) reply.silent_ms = static_cast<std::uint32_t>(getpid());
    reply.level = !request.level;
    reply.completion = Completion::done;
  }
};

class PortLinkTest : public testing::Test {
 protected:
  struct Record {
    Completion completion = Completion::pending;
    bool level = false;
    int finished = 0;
  };

  void SetUp() override {
    Result<SocketPair> sockets = SocketPair::open();
    ASSERT_TRUE(sockets);
    ASSERT_GT((Contrary{sockets->theirs.number(), is_fenced}.start()), 0);
    link = PortLink{std::move(sockets->ours)};
  }

  static PortRequest request(std::int32_t line, bool level = false, Instant deadline = kNever) {
    PortRequest its;
    its.kind = PortRequest::Kind::read;
    its.line = line;
    its.level = level;
    its.deadline = deadline;
    return its;
  }
  static void finish(void* record, const PortReply& reply) {
    auto& its = *static_cast<Record*>(record);
    its.completion = reply.completion;
    its.level = reply.level;
    ++its.finished;
  }
  pid_t process() { return static_cast<pid_t>(link.call(request(kTellsItself)).silent_ms); }
  static Instant now() { return Clock{}.now(); }

  bool ask(Record& record, const PortRequest& its) {
    record.completion = Completion::pending;
    return link.submit(its, &record, finish);
  }
  void poll() {
    const PortLink::News news = link.poll(now());
    died += news.died ? 1 : 0;
  }
  bool eventually(const std::function<bool()>& there) {
    for (int i = 0; i < 10'000; ++i) {
      poll();
      if (there()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return false;
  }

  bool is_fenced = false;
  PortLink link;
  int died = 0;
};

class FencedPortLinkTest : public PortLinkTest {
 protected:
  FencedPortLinkTest() { is_fenced = true; }
};

TEST_F(PortLinkTest, WhatIsAskedIsAnsweredInOrder) {
  std::array<Record, 5> records{};
  for (std::size_t i = 0; i < records.size(); ++i) ASSERT_TRUE(ask(records[i], request(0, i % 2 == 0)));
  ASSERT_TRUE(eventually([&] { return records.back().finished == 1; }));
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].finished, 1);
    EXPECT_EQ(records[i].completion, Completion::done);
    EXPECT_EQ(records[i].level, i % 2 != 0);
  }
  EXPECT_EQ(link.next(), kNever);
}

TEST_F(FencedPortLinkTest, ItsSandboxLeavesItWhatItNeeds) {
  Record record;
  ASSERT_TRUE(ask(record, request(0)));
  ASSERT_TRUE(eventually([&] { return record.finished == 1; }));
  EXPECT_EQ(record.completion, Completion::done);
  kill(process(), SIGSTOP);
  EXPECT_TRUE(eventually([&] { return died == 1; })) << "and who watches may end one that is stopped";
  EXPECT_EQ(link.call(request(0)).completion, Completion::done);
}

TEST_F(PortLinkTest, ACallWaits) {
  const PortReply reply = link.call(request(0));
  EXPECT_EQ(reply.completion, Completion::done);
  EXPECT_TRUE(reply.level);
}

TEST_F(PortLinkTest, ACallAmongWhatIsUnderWay) {
  Record record;
  ASSERT_TRUE(ask(record, request(0)));
  EXPECT_EQ(link.call(request(0, true)).completion, Completion::done);
  EXPECT_TRUE(eventually([&] { return record.finished == 1; }));
}

TEST_F(PortLinkTest, WhatComesTooLateDoesNotBegin) {
  Record record;
  ASSERT_TRUE(ask(record, request(0, false, now())));
  ASSERT_TRUE(eventually([&] { return record.finished == 1; }));
  EXPECT_EQ(record.completion, Completion::timed_out);
}

TEST_F(PortLinkTest, BehindAHungOneEverythingExpiresAndThenGoesOn) {
  Record hung;
  Record late;
  Record after;
  ASSERT_TRUE(ask(hung, request(kHangs, false, now() + from_ms(500))));
  ASSERT_TRUE(ask(late, request(0, false, now() + from_ms(5))));
  ASSERT_TRUE(eventually([&] { return late.finished == 1; }));
  EXPECT_EQ(late.completion, Completion::timed_out);
  EXPECT_EQ(hung.finished, 0) << "at its deadline, not when the other ends";
  ASSERT_TRUE(eventually([&] { return hung.finished == 1; }));
  EXPECT_EQ(hung.completion, Completion::failed) << "it may have happened";
  ASSERT_TRUE(ask(after, request(0)));
  ASSERT_TRUE(eventually([&] { return after.finished == 1; }));
  EXPECT_EQ(after.completion, Completion::done) << "another process took over";
  EXPECT_EQ(died, 1);
}

TEST_F(PortLinkTest, OneThatDiesIsReplacedAndItsRequestFails) {
  const pid_t first = process();
  Record record;
  Record next;
  ASSERT_TRUE(ask(record, request(kDies)));
  ASSERT_TRUE(ask(next, request(0)));
  ASSERT_TRUE(eventually([&] { return next.finished == 1; }));
  EXPECT_EQ(record.completion, Completion::failed);
  EXPECT_EQ(next.completion, Completion::done);
  EXPECT_EQ(died, 1);
  EXPECT_NE(process(), first);
}

TEST_F(PortLinkTest, ACallToADyingOneIsNoCallForEver) {
  EXPECT_EQ(link.call(request(kDies)).completion, Completion::failed);
  EXPECT_TRUE(link.poll(now()).died) << "whoever called learns why";
}

TEST_F(PortLinkTest, OneThatIsGoneForGoodIsTold) {
  Record record;
  ASSERT_TRUE(ask(record, request(kGoes)));
  PortLink::News news;
  for (int i = 0; i < 10'000 && !news.gone; ++i) {
    news = link.poll(now());
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  EXPECT_TRUE(news.gone);
  EXPECT_EQ(record.completion, Completion::failed);
  EXPECT_FALSE(ask(record, request(0)));
  EXPECT_EQ(link.call(request(0)).completion, Completion::failed);
  EXPECT_EQ(link.next(), kNever);
}

TEST_F(PortLinkTest, AfterACallWithoutAnAnswerTheNextOnesDoNotWait) {
  const Instant before = now();
  EXPECT_EQ(link.call(request(kHangs)).completion, Completion::failed);
  const Instant between = now();
  EXPECT_GE(between - before, from_ms(1000));
  EXPECT_EQ(link.call(request(0)).completion, Completion::failed);
  EXPECT_LT(now() - between, from_ms(500));
  EXPECT_TRUE(eventually([&] { return died == 1; }));
  EXPECT_EQ(link.call(request(0)).completion, Completion::done);
}

TEST_F(PortLinkTest, WhatHasNotBegunCanBeWithdrawn) {
  Record first;
  Record second;
  ASSERT_TRUE(ask(first, request(0)));
  ASSERT_TRUE(ask(second, request(0)));
  EXPECT_FALSE(link.withdraw(&first)) << "the process has it";
  EXPECT_TRUE(link.withdraw(&second));
  ASSERT_TRUE(eventually([&] { return first.finished == 1; }));
  EXPECT_EQ(second.finished, 0);
  EXPECT_EQ(link.next(), kNever);
}

TEST_F(PortLinkTest, WhatTakesLongIsLookedForLessAndLessOften) {
  const Instant begin = now();
  link.poll(begin);
  Record hung;
  Record waits;
  ASSERT_TRUE(ask(hung, request(kHangs, false, begin + from_ms(10))));
  EXPECT_EQ(link.next(), begin + from_ms(1));
  link.poll(begin + from_ms(20));
  EXPECT_EQ(link.next(), begin + from_ms(25));
  link.poll(begin + from_ms(800));
  EXPECT_EQ(link.next(), begin + from_ms(820));
  ASSERT_TRUE(ask(waits, request(0, false, begin + from_ms(803))));
  EXPECT_EQ(link.next(), begin + from_ms(803)) << "what waits behind it ends when it has to";
  link.poll(begin + from_ms(803));
  EXPECT_EQ(waits.completion, Completion::timed_out);
}

TEST_F(PortLinkTest, NoMoreCanWaitThanThereAreEntries) {
  std::array<Record, 40> records{};
  std::size_t taken = 0;
  while (taken < records.size() && ask(records[taken], request(0))) ++taken;
  EXPECT_EQ(taken, 32U);
  ASSERT_TRUE(eventually([&] { return records[taken - 1].finished == 1; }));
  EXPECT_TRUE(ask(records[0], request(0)));
}

TEST(ClosedPortLink, TakesNothing) {
  PortLink link;
  int record = 0;
  EXPECT_FALSE(link.submit({}, &record, nullptr));
  EXPECT_EQ(link.next(), kNever);
  EXPECT_FALSE(link.poll({}).died);
}

}  // namespace
}  // namespace signalbox::hal::kernel
