#include "hal/linux/store.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/linux/append_log.hpp"
#include "hal/linux/child.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

std::string text_of(Store& store, std::string_view name) {
  std::string into(4096, '\0');
  const Result<std::size_t> size = store.read(name, into);
  return size ? into.substr(0, *size) : std::string{size.error().detail.view()};
}

/// Runs `body` in a child process; what it returned.
std::string in_child(const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const Descriptor reads{ends[0]};
  Descriptor writes{ends[1]};
  const pid_t child = fork();
  if (child == 0) {
    writes.write_all(body());
    _exit(0);
  }
  writes = Descriptor{};
  std::string text(4096, '\0');
  const long size = reads.read_all(text);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  return text.substr(0, static_cast<std::size_t>(std::max(size, 0L)));
}

class LinuxStoreTest : public testing::Test {
 protected:
  LinuxStoreTest() { EXPECT_TRUE(store.open(directory.c_str())); }

  std::size_t files() const {
    const std::filesystem::directory_iterator all{directory.path()};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  TemporaryDirectory directory;
  Store store;
};

TEST_F(LinuxStoreTest, KeepsRecords) {
  ASSERT_TRUE(store.write("token", "one"));
  ASSERT_TRUE(store.write("token", "second"));
  ASSERT_TRUE(store.write("certificate.pem", std::string(4000, 'c')));
  ASSERT_TRUE(store.write("empty", ""));
  EXPECT_EQ(text_of(store, "token"), "second");
  EXPECT_EQ(text_of(store, "certificate.pem"), std::string(4000, 'c'));
  EXPECT_EQ(text_of(store, "empty"), "");
  EXPECT_EQ(files(), 3U);
  Store after_restart;
  ASSERT_TRUE(after_restart.open(directory.c_str()));
  EXPECT_EQ(text_of(after_restart, "token"), "second");
}

TEST_F(LinuxStoreTest, RecordsAreTheirOwnersAlone) {
  const mode_t before = umask(0);
  directory.put(".token.new", "left behind by a power cut, readable by all");
  std::filesystem::permissions(directory.path() / ".token.new", std::filesystem::perms{0666});
  ASSERT_TRUE(store.write("token", "secret"));
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat((directory.path() / "token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(text_of(store, "token"), "secret");
  EXPECT_EQ(files(), 1U);
}

TEST_F(LinuxStoreTest, TellsWhatIsNotThere) {
  std::array<char, 8> into{};
  const Result<std::size_t> size = store.read("token", into);
  ASSERT_FALSE(size.has_value());
  EXPECT_EQ(size.error().reason, Reason::not_found);
  EXPECT_EQ(size.error().detail.view().substr(0, 46),
            "cannot read token: it does not exist (in " + std::string{directory.c_str()}.substr(0, 5));
}

TEST_F(LinuxStoreTest, TellsWhatDoesNotFit) {
  ASSERT_TRUE(store.write("token", "123456789"));
  std::array<char, 8> into{};
  const Result<std::size_t> size = store.read("token", into);
  ASSERT_FALSE(size.has_value());
  EXPECT_EQ(size.error().reason, Reason::too_big);
  EXPECT_EQ(size.error().detail.view(), "cannot read token: it has 9 bytes, at most 8 fit");
}

TEST_F(LinuxStoreTest, WhatIsRemovedLeavesNothingBehind) {
  ASSERT_TRUE(store.write("token", "secret"));
  directory.put(".token.new", "by a writer that was killed");
  EXPECT_TRUE(store.remove("token"));
  EXPECT_EQ(files(), 0U);
  directory.put(".token.new", "its first record");
  EXPECT_EQ(store.remove("token").error().reason, Reason::not_found);
  EXPECT_EQ(files(), 0U);
  std::filesystem::create_directory(directory.path() / "token");
  EXPECT_NE(store.remove("token").error().detail.view().find("cannot remove token: Is a directory"),
            std::string_view::npos);
}

TEST_F(LinuxStoreTest, SeesWhetherThereIsOne) {
  EXPECT_FALSE(*store.has("token"));
  directory.put("token", "");
  std::filesystem::permissions(directory.path() / "token", std::filesystem::perms::none);
  EXPECT_TRUE(*store.has("token")) << "nobody need read it";
  std::filesystem::create_directory(directory.path() / "folder");
  EXPECT_EQ(store.has("folder").error().reason, Reason::failed);
  EXPECT_NE(store.has("folder").error().detail.view().find("Is a directory"), std::string_view::npos);
  std::filesystem::create_symlink(directory.path() / "token", directory.path() / "link");
  EXPECT_FALSE(store.has("link").has_value());
  EXPECT_FALSE(store.has("../token").has_value());
}

TEST_F(LinuxStoreTest, TakesNoNameThatLeadsElsewhere) {
  for (const std::string& name :
       {std::string{""}, std::string{"../token"}, std::string{"a/b"}, std::string{".."},
        std::string{".hidden"}, std::string{"a b"}, std::string(64, 'x')}) {
    EXPECT_FALSE(store.write(name, "x").has_value()) << name;
    EXPECT_NE(text_of(store, name).find("Invalid argument"), std::string::npos) << name;
  }
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(store.write(std::string(63, 'x'), "x").has_value());
}

TEST_F(LinuxStoreTest, TakesNoRecordThatIsOpenToOthers) {
  ASSERT_TRUE(store.write("token", "secret"));
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0644U, 0601U}) {
    std::filesystem::permissions(directory.path() / "token", std::filesystem::perms{mode});
    std::array<char, 8> into{};
    const Result<std::size_t> size = store.read("token", into);
    ASSERT_FALSE(size) << mode;
    EXPECT_EQ(size.error().reason, Reason::forbidden);
    const auto words =
        format_text<127>("cannot read token: others may use it (its mode is %04o); expected 0600 (in ", mode);
    EXPECT_EQ(size.error().detail.view().substr(0, words.size()), words.view());
  }
  std::filesystem::permissions(directory.path() / "token", std::filesystem::perms{0400});
  EXPECT_EQ(text_of(store, "token"), "secret");
  if (geteuid() != 0) return;
  ASSERT_EQ(chown((directory.path() / "token").c_str(), 65534, 0), 0);
  EXPECT_NE(text_of(store, "token").find("it belongs to user 65534; expected 0, who we are"),
            std::string::npos);
}

TEST_F(LinuxStoreTest, FollowsNoLinks) {
  directory.put("elsewhere", "secret");
  std::filesystem::permissions(directory.path() / "elsewhere", std::filesystem::perms{0600});
  std::filesystem::create_symlink(directory.path() / "elsewhere", directory.path() / "token");
  EXPECT_NE(text_of(store, "token").find("cannot read token"), std::string::npos);
  ASSERT_TRUE(store.write("token", "mine"));
  EXPECT_EQ(text_of(store, "token"), "mine");
  EXPECT_EQ(text_of(store, "elsewhere"), "secret");
}

TEST_F(LinuxStoreTest, ReadsFilesOnly) {
  std::filesystem::create_directory(directory.path() / "token");
  EXPECT_NE(text_of(store, "token").find("cannot read token: Is a directory"), std::string::npos);
  EXPECT_FALSE(store.write("token", "x").has_value());
  EXPECT_EQ(files(), 1U);
}

/// Records that are saved by the process that writes the journal.
class LinuxStoreSaving : public LinuxStoreTest {
 protected:
  LinuxStoreSaving() {
    EXPECT_TRUE(log.open(directory.c_str(), "journal", AppendLog::kPieceBytesMax));
    store.save_by(log.take_records_link());
  }
  void submit(std::string_view record) {
    operation.name = "token";
    operation.record = record;
    store.save(operation);
  }
  /// Why it failed; empty where it did not.
  std::string ends() {
    for (int i = 0; i < 1000 && operation.completion == Completion::pending; ++i) {
      poll(nullptr, 0, 10);
      store.poll(now += from_ms(10));
    }
    EXPECT_TRUE(is_final(operation.completion));
    return std::string{operation.why};
  }
  std::string save(std::string_view record) {
    submit(record);
    return ends();
  }
  pid_t writer() const {
    pid_t child = 0;
    for (int i = 0; i < 1000 && (child = child_of(log.watcher())) == 0; ++i) poll(nullptr, 0, 10);
    EXPECT_GT(child, 0);
    return child;
  }
  AppendLog log;
  SaveOperation operation;
  Instant now{};
};

TEST_F(LinuxStoreSaving, KeepsRecordsOfAnySize) {
  EXPECT_EQ(store.next(), kNever);
  submit("one");
  EXPECT_EQ(operation.completion, Completion::pending);
  EXPECT_NE(store.next(), kNever);
  EXPECT_EQ(ends(), "");
  EXPECT_EQ(store.next(), kNever);
  EXPECT_EQ(text_of(store, "token"), "one");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, Store::kRecordBytesMax}) {
    EXPECT_EQ(save(std::string(size, 'x')), "");
    EXPECT_EQ(std::filesystem::file_size(directory.path() / "token"), size);
  }
  struct stat status {};
  ASSERT_EQ(stat((directory.path() / "token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(LinuxStoreSaving, AWriterThatHangsHoldsUpNobody) {
  const pid_t process = writer();
  ASSERT_EQ(kill(process, SIGSTOP), 0);
  submit("one");
  for (int i = 0; i < 10; ++i) store.poll(now += from_ms(20));
  EXPECT_EQ(operation.completion, Completion::pending);
  ASSERT_EQ(kill(process, SIGCONT), 0);
  EXPECT_EQ(ends(), "");
}

TEST_F(LinuxStoreSaving, WhereTheWriterDiesAnotherOneDoesIt) {
  for (int kills = 0; kills < 3; ++kills) {
    const pid_t process = writer();
    ASSERT_EQ(kill(process, SIGSTOP), 0);
    submit("version " + std::to_string(kills));
    ASSERT_EQ(kill(process, SIGKILL), 0);
    EXPECT_EQ(ends(), "");
    EXPECT_EQ(text_of(store, "token"), "version " + std::to_string(kills));
  }
}

TEST_F(LinuxStoreSaving, WhatFailsIsToldAndChangesNothing) {
  ASSERT_EQ(save("old"), "");
  std::filesystem::create_directory(directory.path() / ".token.new");
  EXPECT_EQ(save("new").find("cannot write token: Is a directory (in "), 0U) << operation.why.view();
  EXPECT_EQ(text_of(store, "token"), "old");
  std::filesystem::remove(directory.path() / ".token.new");
  const std::string process = "/proc/" + std::to_string(writer()) + "/stat";
  ASSERT_EQ(kill(log.watcher(), SIGKILL), 0);
  for (std::string state = "?"; !state.empty() && state != "Z"; poll(nullptr, 0, 10)) {
    std::string ignored;
    state.clear();
    std::ifstream{process} >> ignored >> ignored >> state;  // it ends with its watcher
  }
  EXPECT_EQ(save("new"), "the process that writes it is gone");
  EXPECT_EQ(text_of(store, "token"), "old");
}

TEST(LinuxStore, TellsADirectoryThatIsMissingOrNone) {
  const TemporaryDirectory directory;
  directory.put("file", "");
  Store store;
  const std::string missing = directory.path() / "missing";
  const Result<void> opened = store.open(missing.c_str());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().reason, Reason::not_found);
  EXPECT_EQ(opened.error().detail.view(), "cannot open the directory " + missing + ": it does not exist");
  const std::string file = directory.path() / "file";
  EXPECT_EQ(store.open(file.c_str()).error().detail.view(),
            "cannot open the directory " + file + ": it is no directory");
}

TEST(LinuxStore, TakesNoDirectoryThatOthersMayWriteTo) {
  const TemporaryDirectory directory;
  for (const unsigned mode : {0770U, 0702U, 01777U}) {
    std::filesystem::permissions(directory.path(), std::filesystem::perms{mode});
    Store store;
    const Result<void> opened = store.open(directory.c_str());
    ASSERT_FALSE(opened) << mode;
    EXPECT_EQ(opened.error().reason, Reason::forbidden);
    EXPECT_EQ(opened.error().detail.view(),
              format_text<223>("others may write to the directory %s (its mode is %04o); expected 0700",
                               directory.c_str(), mode)
                  .view());
  }
  std::filesystem::permissions(directory.path(), std::filesystem::perms{0755});
  Store store;
  EXPECT_TRUE(store.open(directory.c_str())) << "the records are for nobody else all the same";
  if (geteuid() != 0) return;
  ASSERT_EQ(chown(directory.c_str(), 65534, 0), 0);
  EXPECT_NE(store.open(directory.c_str()).error().detail.view().find("belongs to user 65534; expected 0"),
            std::string_view::npos);
}

TEST(LinuxStore, TellsADirectoryItMayNotWriteTo) {
  const TemporaryDirectory directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms{0555});
  const std::string told = in_child([&directory] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
      return std::string{"cannot become nobody"};
    Store store;
    const Result<void> opened = store.open(directory.c_str());
    return opened ? std::string{"opened"} : std::string{opened.error().detail.view()};
  });
  EXPECT_NE(told.find("permission denied"), std::string::npos) << told;
}

/// A disk of 64 KiB at `path` for this process alone, or files of at most that size where we have no right to
/// it.
bool make_tiny_disk(const char* path) {
  const bool may_mount = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  if (may_mount && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
      mount("tiny", path, "tmpfs", 0, "size=64k,mode=700") == 0)
    return true;
  const rlimit limit{64 * 1024, 64 * 1024};
  return setrlimit(RLIMIT_FSIZE, &limit) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR;
}

TEST(LinuxStore, AFullDiskLosesNothing) {
  const TemporaryDirectory directory;
  const std::string told = in_child([&directory] {
    if (!make_tiny_disk(directory.c_str())) return std::string{"no tiny disk"};
    Store store;
    if (!store.open(directory.c_str())) return std::string{"not opened"};
    if (!store.write("token", "old")) return std::string{"nothing written"};
    const Result<void> written = store.write("token", std::string(200'000, 'x'));
    if (written) return std::string{"no limit"};
    if (std::filesystem::exists(directory.path() / ".token.new"))
      return std::string{"half a record left behind"};
    std::string into(4096, '\0');
    const Result<std::size_t> size = store.read("token", into);
    if (!size || into.substr(0, *size) != "old") return std::string{"the old record is lost"};
    if (!store.write("token", "new")) return std::string{"no recovery"};
    return std::string{written.error().detail.view()};
  });
  const bool is_clear = told.find("cannot write token: the disk is full") == 0 ||
                        told.find("cannot write token: a file may not grow so large") == 0;
  EXPECT_TRUE(is_clear) << told;
}

TEST(LinuxStore, AKilledWriterLeavesTheOldRecordOrTheNew) {
  const TemporaryDirectory directory;
  Store store;
  ASSERT_TRUE(store.open(directory.c_str()));
  ASSERT_TRUE(store.write("token", std::string(3000, 'a')));
  for (int kills = 0; kills < 50; ++kills) {
    const pid_t child = fork();
    if (child == 0) {
      for (char letter = 'a';; letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1))
        if (!store.write("token", std::string(3000, letter))) _exit(1);
    }
    usleep(static_cast<useconds_t>(200 + 137 * kills));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const std::string text = text_of(store, "token");
    ASSERT_EQ(text, std::string(3000, text[0]));
  }
}

}  // namespace
}  // namespace signalbox::hal::kernel
