// kill -9 in the middle of writes, again and again: nothing acknowledged is lost, nothing is a mixture of
// two. SIGNALBOX_KILLS=10000 for many.
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/linux/store.hpp"
#include "hal/linux/temporary_directory.hpp"
#include "memory/poison.hpp"
#include "sim/dice.hpp"

namespace signalbox::power {
namespace {

constexpr std::array<std::string_view, 3> kRecords{"token", "key", "certificate"};

/// What the writing process has been told to be safe.
using Safe = std::array<std::atomic<std::uint64_t>, kRecords.size()>;

std::size_t kills() {
  const char* wanted = std::getenv("SIGNALBOX_KILLS");
  if (wanted != nullptr) return std::strtoull(wanted, nullptr, 10);
#ifdef SIGNALBOX_POISONS
  return 100;  // the sanitizers have nothing more to see in further ones
#else
  return 1000;
#endif
}

/// As long as a certificate, and other in every version.
std::string record_of(std::uint64_t version) {
  return std::to_string(version) + ' ' +
         std::string(1000 + (version * 7919) % 3000, static_cast<char>('a' + version % 26));
}

std::uint64_t version_in(std::string_view text) {
  const std::uint64_t version =
      std::strtoull(std::string{text.substr(0, text.find(' '))}.c_str(), nullptr, 10);
  EXPECT_EQ(text, record_of(version)) << "of two versions";
  return version;
}

[[noreturn]] void write_for_ever(const char* directory, Safe& safe) {
  hal::kernel::Store store;
  if (!store.open(directory)) _exit(1);
  for (;;)
    for (std::size_t i = 0; i < kRecords.size(); ++i) {
      const std::uint64_t version = safe[i] + 1;
      if (!store.write(kRecords[i], record_of(version))) _exit(2);
      safe[i] = version;
    }
}

TEST(Kill, NoRecordIsLostOrMixed) {
  hal::kernel::TemporaryDirectory directory;
  void* memory = mmap(nullptr, sizeof(Safe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Safe& safe = *new (memory) Safe{};
  sim::Dice dice{7};
  std::size_t between = 0;  // killed after a record was in its place, before that was told
  for (std::size_t i = 0; i < kills(); ++i) {
    const std::uint64_t before = safe[0] + safe[1] + safe[2];
    const pid_t writer = fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) write_for_ever(directory.c_str(), safe);
    while (safe[0] + safe[1] + safe[2] == before && waitpid(writer, nullptr, WNOHANG) == 0) usleep(50);
    usleep(static_cast<useconds_t>(dice.below(1500)));
    ASSERT_EQ(kill(writer, SIGKILL), 0);
    int status = 0;
    waitpid(writer, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);

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
      const std::uint64_t version = version_in({into.data(), *size});
      ASSERT_TRUE(version == safe[r] || version == safe[r] + 1)
          << kRecords[r] << ": " << version << " where " << safe[r] << " was acknowledged";
      between += version - safe[r];
      safe[r] = version;
    }
  }
  EXPECT_GT(between, 0U) << "no kill came at that moment";
  munmap(memory, sizeof(Safe));
}

}  // namespace
}  // namespace signalbox::power
