#include "hal/linux/sandbox.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "hal/linux/child.hpp"
#include "hal/linux/host.hpp"
#include "hal/linux/landlock.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

bool has_landlock() {
  Landlock landlock;
  return can_be_fenced() && landlock.open() && landlock.version() > 0;
}

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() { std::ofstream{files.path() / "device.json"} << "{}"; }

  int entered(const std::function<int(const SandboxState&)>& then, bool fenced = true,
              const char* name = "device.json") const {
    return code_of_child([&] {
      const std::string file = files.path() / name;
      const std::array<const char*, 1> named{file.c_str()};
      const Result<SandboxState> state =
          enter_sandbox({.state = directory.c_str(), .files = named, .fenced = fenced});
      return state ? then(*state) : 200;
    });
  }
  int reading(const std::string& path) const {
    return entered([&](const SandboxState&) {
      const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
      return file < 0 ? errno : 0;
    });
  }

  TemporaryDirectory directory, files;
};

TEST_F(SandboxTest, ReadsWhatItHasToAndNothingElse) {
  EXPECT_EQ(reading(files.path() / "device.json"), 0);
  EXPECT_EQ(reading("/proc/loadavg"), 0);
  EXPECT_EQ(reading("/etc/passwd"), has_landlock() ? EACCES : 0);
}

TEST_F(SandboxTest, ReadsWhatALinkLeadsToAndWhatItWillLeadTo) {
  TemporaryDirectory archive;
  for (const char* name : {"chain1.pem", "chain2.pem"}) std::ofstream{archive.path() / name} << name;
  std::filesystem::create_symlink(archive.path() / "chain1.pem", files.path() / "chain.pem");
  const auto renewed_and_read = [&](const SandboxState&) {
    const int renewed = open((archive.path() / "chain2.pem").c_str(), O_RDONLY | O_CLOEXEC);
    const int linked = open((files.path() / "chain.pem").c_str(), O_RDONLY | O_CLOEXEC);
    return renewed < 0 || linked < 0 ? errno : 0;
  };
  EXPECT_EQ(entered(renewed_and_read, true, "chain.pem"), 0);
  EXPECT_EQ(entered(renewed_and_read, true, "device.json"), has_landlock() ? EACCES : 0) << "not otherwise";
}

TEST_F(SandboxTest, TheHostIsStillRead) {
  EXPECT_EQ(entered([](const SandboxState&) {
              Host host;
              return host.load() && host.memory() && host.traffic() && host.uptime_seconds() ? 0 : 1;
            }),
            0);
}

TEST_F(SandboxTest, SaysWhatIsInForce) {
  const bool fences = has_landlock();  // nobody can ask any more inside
  EXPECT_EQ(entered([&](const SandboxState& state) {
              const std::string told{state.in_force};
              if (told.find("no capabilities") != 0) return 1;
              if (can_be_fenced() != (told.find("system calls") != std::string::npos)) return 2;
              if (fences && told.find(directory.c_str()) == std::string::npos) return 3;
              return state.lacking.empty() == fences ? 0 : 4;
            }),
            0);
}

TEST_F(SandboxTest, ForDebuggingOnlyRightsAreGivenUp) {
  EXPECT_EQ(entered(
                [](const SandboxState& state) {
                  return state.in_force == "no capabilities" && open("/etc/passwd", O_RDONLY) >= 0 ? 0 : 1;
                },
                false),
            0);
}

TEST_F(SandboxTest, AStateDirectoryThatIsNotThereIsAnError) {
  if (!has_landlock()) return;
  EXPECT_EQ(code_of_child([] { return enter_sandbox({.state = "/nowhere"}) ? 0 : 1; }), 1);
}

TEST_F(SandboxTest, TheJournalsProcessReachesItsDirectoryOnly) {
  const int opened = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const auto opens = [&](const char* name) {
    return code_of_child([&] {
      if (!enter_sandbox(Process::writer, opened, true)) return 200;
      return openat(opened, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 ? errno : 0;
    });
  };
  EXPECT_EQ(opens("journal"), 0);
  EXPECT_EQ(opens((files.path() / "other").c_str()), has_landlock() ? EACCES : 0);
  close(opened);
}

}  // namespace
}  // namespace signalbox::hal::kernel
