// kill -9 in the middle of writes, which are put in halves, again and again: nothing acknowledged is lost,
// nothing is a mixture of two. SIGNALBOX_KILLS=10000 for many.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "hal/linux/child.hpp"
#include "hal/linux/descriptor.hpp"
#include "hal/linux/store.hpp"
#include "hal/linux/temporary_directory.hpp"
#include "memory/poison.hpp"
#include "power/journalled_run.hpp"
#include "power/recorded_disk.hpp"
#include "sim/dice.hpp"

namespace signalbox::power {
namespace {

constexpr std::array<std::string_view, 3> kRecords{"token", "key", "certificate"};

/// What the writing process has been told to be safe.
using Safe = std::array<std::atomic<std::uint32_t>, kRecords.size()>;

std::size_t kills() {
  const char* wanted = std::getenv("SIGNALBOX_KILLS");
  if (wanted != nullptr) return std::strtoul(wanted, nullptr, 10);
#ifdef SIGNALBOX_POISONS
  return 100;  // the sanitizers have nothing more to see in further ones
#else
  return 1000;
#endif
}

template <typename Type>
class Shared {
 public:
  Shared() {
    void* memory = mmap(nullptr, sizeof(Type), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    its_ = new (memory) Type{};
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { munmap(its_, sizeof(Type)); }
  Type& operator*() const { return *its_; }

 private:
  Type* its_;
};

class Kill : public testing::Test {
 protected:
  Kill() { hamper(Writes::partial); }
  ~Kill() override { hamper(Writes::whole); }
};

/// As long as a certificate, and other in every version.
std::string record_of(std::uint32_t version) {
  return std::to_string(version) + ' ' +
         std::string(1000 + (version * 7919) % 3000, static_cast<char>('a' + version % 26));
}

std::uint32_t version_in(std::string_view text) {
  std::uint32_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  EXPECT_EQ(text, record_of(version)) << "of two versions";
  return version;
}

[[noreturn]] void write_for_ever(const char* directory, Safe& safe) {
  hal::kernel::Store store;
  if (!store.open(directory)) _exit(1);
  for (;;)
    for (std::size_t i = 0; i < kRecords.size(); ++i) {
      const std::uint32_t version = safe[i] + 1;
      if (!store.write(kRecords[i], record_of(version))) _exit(2);
      safe[i] = version;
    }
}

/// The same as a device does that waits for no disk.
[[noreturn]] void save_for_ever(const char* directory, Safe& safe, std::atomic<pid_t>& watcher) {
  SavingRun run{directory};
  if (!run.opened) _exit(1);
  watcher = run.log.watcher();
  for (;;)
    for (std::size_t i = 0; i < kRecords.size(); ++i) {
      const std::uint32_t version = safe[i] + 1;
      if (!run.save(kRecords[i], record_of(version))) _exit(2);
      safe[i] = version;
    }
}

/// Kills go on until they have met what they are for, and come later each time that they have not: a slow
/// machine is longer about what it does.
constexpr std::size_t kPatience = 10;
std::uint32_t widened(std::uint32_t wait_us, std::size_t kills, std::size_t of) {
  return wait_us * static_cast<std::uint32_t>(1 + kills / of);
}

/// Kills whoever writes again and again: `saves` where that is a process of its own, every other time it
/// alone first, of which the run notices nothing.
void kill_writers(std::size_t times, bool saves) {
  set_log_sink([](Severity, std::string_view) {});
  hal::kernel::TemporaryDirectory directory;
  const Shared<Safe> shared;
  const Shared<std::atomic<pid_t>> watcher;
  Safe& safe = *shared;
  sim::Dice dice{7};
  std::size_t between = 0;  // killed after a record was in its place, before that was told
  std::size_t replaced = 0;
  for (std::size_t i = 0; i < times || (between == 0 && i < kPatience * times); ++i) {
    const pid_t writer = fork();
    ASSERT_GE(writer, 0);
    if (writer == 0 && saves) save_for_ever(directory.c_str(), safe, *watcher);
    if (writer == 0) write_for_ever(directory.c_str(), safe);
    int status = 0;
    const auto wait_for_more = [&] {
      const std::uint32_t before = safe[0] + safe[1] + safe[2];
      while (safe[0] + safe[1] + safe[2] == before && waitpid(writer, &status, WNOHANG) == 0) usleep(50);
      usleep(dice.below(widened(1500, i, times)));
    };
    wait_for_more();
    if (const pid_t alone = saves && i % 2 == 0 ? hal::kernel::child_of(*watcher) : 0; alone > 0) {
      ASSERT_EQ(kill(alone, SIGKILL), 0);
      wait_for_more();
      ++replaced;
    }
    ASSERT_EQ(kill(writer, SIGKILL), 0);
    waitpid(writer, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    const hal::kernel::Descriptor lock{open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ASSERT_EQ(flock(lock.number(), LOCK_EX), 0);  // its writer has ended too

    hal::kernel::Store store;
    ASSERT_TRUE(store.open(directory.c_str()).has_value());
    for (std::size_t r = 0; r < kRecords.size(); ++r) {
      std::array<char, 8192> into{};
      const Result<std::size_t> size = store.read(kRecords[r], into);
      if (!size) {
        ASSERT_EQ(size.error().reason, Reason::not_found);
        ASSERT_EQ(safe[r], 0U) << kRecords[r] << " is gone";
        continue;
      }
      const std::uint32_t version = version_in({into.data(), *size});
      ASSERT_TRUE(version == safe[r] || version == safe[r] + 1)
          << kRecords[r] << ": " << version << " where " << safe[r] << " was acknowledged";
      between += version - safe[r];
      safe[r] = version;
    }
  }
  EXPECT_GT(between, 0U) << "no kill came at that moment";
  EXPECT_EQ(replaced > 0, saves);
}

TEST_F(Kill, NoRecordIsLostOrMixed) { kill_writers(kills(), false); }

TEST_F(Kill, NoSavedRecordIsLostOrMixed) { kill_writers(std::max<std::size_t>(kills() / 8, 80), true); }

/// What a process that keeps a journal tells.
struct Journalled {
  std::atomic<std::uint64_t> committed;
  std::atomic<pid_t> watcher;  ///< over the process that writes
};

[[noreturn]] void journal_for_ever(const char* directory, Journalled& told) {
  JournalledRun run{directory, hal::AppendLog::kPieceBytesMax};
  if (!run.opened) _exit(1);
  told.watcher = run.log.watcher();
  for (;;) {
    if (!run.commit("as long as most of them, so that a file is full after some, and is followed by another"))
      _exit(2);
    told.committed = run.journal.committed();
  }
}

TEST_F(Kill, NoLineOfTheJournalIsLostOrMixed) {
  set_log_sink([](Severity, std::string_view) {});
  hal::kernel::TemporaryDirectory directory;
  const Shared<Journalled> shared;
  Journalled& told = *shared;
  sim::Dice dice{7};
  std::size_t between = 0;  // killed after a line was in its place, before that was told
  std::size_t torn = 0;
  std::size_t replaced = 0;  // only the one that writes was killed first, and the run went on
  const std::size_t times = std::max<std::size_t>(kills() / 8, 80);
  const auto has_met_all = [&] { return between > 0 && torn > 0 && replaced > 0; };
  for (std::size_t i = 0; i < times || (!has_met_all() && i < kPatience * times); ++i) {
    const pid_t run = fork();
    ASSERT_GE(run, 0);
    if (run == 0) journal_for_ever(directory.c_str(), told);
    int status = 0;
    const auto wait_for_more = [&] {
      const std::uint64_t before = told.committed;
      while (told.committed == before && waitpid(run, &status, WNOHANG) == 0) usleep(50);
      usleep(dice.below(widened(3000, i, times)));
    };
    wait_for_more();
    if (const pid_t writer = i % 2 == 0 ? hal::kernel::child_of(told.watcher) : 0; writer > 0) {
      ASSERT_EQ(kill(writer, SIGKILL), 0);
      wait_for_more();
      ++replaced;
    }
    ASSERT_EQ(kill(run, SIGKILL), 0);
    waitpid(run, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    const hal::kernel::Descriptor lock{open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ASSERT_EQ(flock(lock.number(), LOCK_EX), 0);  // its writer has ended too

    const Files files = files_in(directory.path());
    const std::uint64_t found = proven(files);
    ASSERT_FALSE(HasFailure());
    ASSERT_GE(found, told.committed);
    between += found > told.committed ? 1U : 0U;
    const auto file = files.find("journal");
    torn += file != files.end() && !file->second.empty() && file->second.back() != '\n' ? 1U : 0U;
    told.committed = found;
  }
  EXPECT_GT(between, 0U) << "no kill came at that moment";
  EXPECT_GT(torn, 0U) << "no kill came within a line";
  EXPECT_GT(replaced, 0U) << "the one that writes was never killed alone";
}

}  // namespace
}  // namespace signalbox::power
