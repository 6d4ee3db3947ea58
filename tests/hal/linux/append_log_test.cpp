#include "hal/linux/append_log.hpp"

#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/linux/child.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr std::uint64_t kFileBytes = 16 * 1024;

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    poll(nullptr, 0, 10);
  }
  return false;
}

bool is_alive(pid_t process) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/stat"};
  std::string pid, name, state;
  return file >> pid >> name >> state && state != "Z";
}

class LinuxAppendLogTest : public testing::Test {
 protected:
  LinuxAppendLogTest() { reopen(); }

  /// As after a restart.
  void reopen() {
    log.reset();
    log = std::make_unique<AppendLog>();
    const Result<void> opened = log->open(directory.c_str(), "journal", kFileBytes);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail.view();
  }
  void submit(std::string_view text) {
    operation.bytes = text;
    log->append(operation);
  }
  bool completes() {
    return eventually([this] {
      log->poll(now += from_ms(20));
      return is_final(operation.completion);
    });
  }
  /// Appends; why it failed, empty where it did not.
  std::string append(std::string_view text) {
    submit(text);
    EXPECT_TRUE(completes());
    return std::string{operation.why};
  }
  std::string text_of(const char* name = "journal") const {
    std::ifstream file{directory.path() / name};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  std::string end_of_it(std::size_t bytes) {
    std::string into(bytes, '\0');
    const Result<std::size_t> size = log->read_end(into);
    EXPECT_TRUE(size.has_value());
    return into.substr(0, *size);
  }
  /// The process that writes, once there is one that is not `other`.
  pid_t writer(pid_t other = 0) const {
    pid_t found = 0;
    EXPECT_TRUE(eventually([&] { return (found = child_of(log->watcher())) > 0 && found != other; }));
    return found > 0 ? found : std::numeric_limits<pid_t>::max();  // never 0: that is the whole group
  }

  TemporaryDirectory directory;
  std::unique_ptr<AppendLog> log;
  hal::AppendOperation operation;
  Instant now{};
};

TEST_F(LinuxAppendLogTest, Appends) {
  EXPECT_EQ(log->next(), kNever);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "journal"))
      << "nothing is made before it is needed";
  submit("one\n");
  EXPECT_EQ(operation.completion, Completion::pending);
  EXPECT_NE(log->next(), kNever);
  ASSERT_TRUE(completes());
  EXPECT_EQ(operation.completion, Completion::done);
  EXPECT_EQ(append("two\n"), "");
  EXPECT_EQ(text_of(), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(stat((directory.path() / "journal").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U) << "its owner's alone";
}

TEST_F(LinuxAppendLogTest, GoesOnAfterARestart) {
  append("one\n");
  append("two\nthr");
  reopen();
  EXPECT_EQ(end_of_it(7), "two\nthr");
  EXPECT_EQ(end_of_it(100), "one\ntwo\nthr");
  log->drop_end(3);
  EXPECT_EQ(append("three\n"), "");
  EXPECT_EQ(text_of(), "one\ntwo\nthree\n");
}

TEST_F(LinuxAppendLogTest, KeepsThePreviousFile) {
  const std::string piece(AppendLog::kPieceBytesMax, 'x');
  for (int i = 0; i < 5; ++i) ASSERT_EQ(append(piece.substr(1) + std::to_string(i)), "");
  EXPECT_EQ(text_of().back(), '4');
  EXPECT_EQ(text_of().size(), piece.size());
  EXPECT_EQ(text_of("journal.1").back(), '3');
  EXPECT_EQ(text_of("journal.1").size(), kFileBytes);
}

TEST_F(LinuxAppendLogTest, WhatAPowerCutHasTornIsNotInThePreviousFile) {
  const std::string piece(AppendLog::kPieceBytesMax, 'x');
  while (text_of().size() + 2 * piece.size() <= kFileBytes) ASSERT_EQ(append(piece), "");
  append("whole\n");
  const std::string whole = text_of();
  append("tor");
  reopen();
  log->drop_end(3);
  ASSERT_EQ(append(piece), "") << "the first one needs a new file";
  EXPECT_EQ(text_of("journal.1"), whole);
  EXPECT_EQ(text_of(), piece);
}

TEST_F(LinuxAppendLogTest, CutOffWhileRotatingItReadsThePreviousFile) {
  append("one\n");
  log.reset();
  std::filesystem::rename(directory.path() / "journal", directory.path() / "journal.1");
  reopen();
  EXPECT_EQ(end_of_it(100), "one\n");
  log->drop_end(0);
  append("two\n");
  EXPECT_EQ(text_of(), "two\n");
  EXPECT_EQ(text_of("journal.1"), "one\n");
}

TEST_F(LinuxAppendLogTest, AKilledWriterIsReplacedAndNothingIsWrittenTwice) {
  ASSERT_EQ(append("one\n"), "");
  pid_t before = 0;
  for (int kills = 0; kills < 5; ++kills) {
    before = writer(before);
    ASSERT_EQ(kill(before, SIGSTOP), 0);
    submit("two\n");
    ASSERT_EQ(kill(before, SIGKILL), 0);
    ASSERT_TRUE(completes());
    EXPECT_EQ(operation.completion, Completion::failed);
    EXPECT_EQ(operation.why.view(), "the process that writes it died; another one takes over");
  }
  EXPECT_EQ(append("two\n"), "");
  EXPECT_EQ(append("three\n"), "");
  EXPECT_EQ(text_of(), "one\ntwo\nthree\n");
}

TEST_F(LinuxAppendLogTest, AWriterThatHangsHoldsUpNobody) {
  const pid_t process = writer();
  ASSERT_EQ(kill(process, SIGSTOP), 0);
  submit("one\n");
  for (int i = 0; i < 10; ++i) log->poll(now += from_ms(20));
  EXPECT_EQ(operation.completion, Completion::pending);
  ASSERT_EQ(kill(process, SIGCONT), 0);
  ASSERT_TRUE(completes());
  EXPECT_EQ(operation.completion, Completion::done);
}

TEST_F(LinuxAppendLogTest, WithoutItsProcessesItFailsAndSaysSo) {
  const pid_t process = writer();
  ASSERT_EQ(kill(log->watcher(), SIGKILL), 0);
  ASSERT_TRUE(eventually([process] { return !is_alive(process); })) << "the writer outlives its watcher";
  EXPECT_EQ(append("one\n"), "the process that writes it is gone");
  EXPECT_EQ(append("one\n"), "the process that writes it is gone");
}

TEST_F(LinuxAppendLogTest, ItsProcessesEndWithIt) {
  const pid_t process = writer();
  const pid_t watcher = log->watcher();
  log.reset();
  EXPECT_FALSE(is_alive(process));
  EXPECT_FALSE(is_alive(watcher));
}

TEST(LinuxAppendLog, ItsProcessesEndWithAKilledParent) {
  const TemporaryDirectory directory;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    AppendLog log;
    const bool opened = log.open(directory.c_str(), "journal", kFileBytes).has_value();
    const pid_t watcher = opened ? log.watcher() : -1;
    if (write(ends[1], &watcher, sizeof watcher) < 0) _exit(1);
    for (;;) pause();
  }
  pid_t watcher = -1;
  ASSERT_EQ(read(ends[0], &watcher, sizeof watcher), static_cast<ssize_t>(sizeof watcher));
  ASSERT_GT(watcher, 0);
  EXPECT_TRUE(is_alive(watcher));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(eventually([watcher] { return !is_alive(watcher); }));
  AppendLog next;
  EXPECT_TRUE(next.open(directory.c_str(), "journal", kFileBytes).has_value()) << "the lock is free again";
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LinuxAppendLogTest, ReadsFromTheOldestOn) {
  const std::string piece(AppendLog::kPieceBytesMax, 'x');
  for (int i = 0; i < 5; ++i) ASSERT_EQ(append(piece.substr(1) + std::to_string(i)), "");
  const std::string all = text_of("journal.1") + text_of();
  ASSERT_EQ(all.size(), 3 * piece.size());
  std::string read;
  std::array<char, 5000> into{};
  for (;;) {
    const Result<std::size_t> got = log->read(read.size(), into);
    ASSERT_TRUE(got.has_value());
    if (*got == 0) break;
    read.append(into.data(), *got);
  }
  EXPECT_EQ(read, all);
  EXPECT_EQ(*log->read(all.size() + 1, into), 0U);
}

TEST_F(LinuxAppendLogTest, OneBesideItIsWrittenByTheSameProcess) {
  AppendLog beside;
  ASSERT_TRUE(beside.open_beside(*log, "history", kFileBytes).has_value());
  hal::AppendOperation other;
  const std::string piece(AppendLog::kPieceBytesMax, 'y');
  for (int i = 0; i < 3; ++i) {
    other.bytes = piece;
    beside.append(other);
    EXPECT_EQ(append("one\n"), "");
    EXPECT_TRUE(eventually([&] {
      beside.poll(now);
      return is_final(other.completion);
    }));
    EXPECT_EQ(other.completion, Completion::done);
  }
  EXPECT_EQ(text_of(), "one\none\none\n");
  EXPECT_EQ(text_of("history"), piece);
  EXPECT_EQ(text_of("history.1").size(), kFileBytes) << "each has its own limit";
  kill(writer(), SIGKILL);
  other.bytes = std::string_view{"more"};
  beside.append(other);
  EXPECT_TRUE(eventually([&] {
    beside.poll(now);
    return is_final(other.completion);
  }));
  if (other.completion == Completion::failed) {
    beside.append(other);
    EXPECT_TRUE(eventually([&] {
      beside.poll(now);
      return is_final(other.completion);
    }));
  }
  EXPECT_EQ(text_of("history"), piece + "more") << "another writer takes over";
}

TEST_F(LinuxAppendLogTest, OneBesideItThatIsNoFileIsRefused) {
  std::filesystem::create_directory(directory.path() / "history");
  AppendLog beside;
  const Result<void> opened = beside.open_beside(*log, "history", kFileBytes);
  ASSERT_FALSE(opened.has_value());
  EXPECT_TRUE(opened.error().detail.view().starts_with("cannot read history: Is a directory"));
  EXPECT_EQ(append("one\n"), "") << "the journal minds nothing";
}

TEST_F(LinuxAppendLogTest, ASecondDeviceIsTurnedAway) {
  AppendLog second;
  const Result<void> opened = second.open(directory.c_str(), "journal", kFileBytes);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().reason, Reason::held);
  EXPECT_TRUE(opened.error().detail.view().starts_with("another device keeps its journal in "));
}

TEST_F(LinuxAppendLogTest, AFullDiskIsToldAndLeavesNothingTorn) {
  ASSERT_EQ(append("one\n"), "");
  log.reset();
  const pid_t child = fork();
  if (child == 0) {  // a limit that the writing process inherits
    const rlimit limit{10, 10};
    setrlimit(RLIMIT_FSIZE, &limit);
    const bool told = [this] {
      reopen();
      return append("two and more\n") == "a file may not grow so large" && text_of() == "one\n" &&
             append("two\n").empty() && text_of() == "one\ntwo\n";
    }();
    log.reset();
    _exit(told ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << text_of();
  reopen();
}

TEST_F(LinuxAppendLogTest, AFileTakenAwayBeginsAnew) {
  append("one\n");
  std::filesystem::remove(directory.path() / "journal");
  EXPECT_EQ(append("two\n"), "");
  EXPECT_EQ(append("three\n"), "");
  EXPECT_EQ(text_of(), "two\nthree\n");
  std::ofstream{directory.path() / "journal", std::ios::trunc} << "t";
  EXPECT_EQ(append("four\n"), "");
  EXPECT_EQ(text_of(), "tfour\n") << "no hole: what is missing can be seen";
}

TEST(LinuxAppendLog, RefusesWhatIsNoFile) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "journal");
  AppendLog log;
  EXPECT_TRUE(log.open(directory.c_str(), "journal", kFileBytes)
                  .error()
                  .detail.view()
                  .starts_with("cannot read journal: Is a directory"));
  const TemporaryDirectory other;
  other.put("elsewhere", "secret");
  std::filesystem::create_symlink(other.path() / "elsewhere", other.path() / "journal");
  AppendLog linked;
  EXPECT_FALSE(linked.open(other.c_str(), "journal", kFileBytes).has_value());
  AppendLog nowhere;
  EXPECT_TRUE(nowhere.open("/nowhere", "journal", kFileBytes)
                  .error()
                  .detail.view()
                  .starts_with("cannot open the directory of journal: it does not exist"));
}

}  // namespace
}  // namespace signalbox::hal::kernel
