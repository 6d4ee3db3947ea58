#include "hal/linux/landlock.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hal/linux/child.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

/// The errno of opening it; 0 where it can be opened.
int opening(const std::string& path, int flags) {
  const int file = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  close(file);
  return 0;
}

class LandlockTest : public testing::Test {
 protected:
  LandlockTest() {
    for (const TemporaryDirectory* directory : {&state, &read, &foreign})
      std::ofstream{directory->path() / "file"} << "x";
    Landlock landlock;
    EXPECT_TRUE(landlock.open());
    version = landlock.version();
  }
  /// In a fence in which `state` may be written and `read` read.
  int fenced(const std::function<int()>& what) const {
    return code_of_child([&] {
      Landlock landlock;
      if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !landlock.open() ||
          !landlock.allow(state.c_str(), Landlock::May::write) ||
          !landlock.allow(read.c_str(), Landlock::May::read) || !landlock.enter())
        return 200;
      return what();
    });
  }
  /// What it should be where the kernel has it: older ones refuse nothing.
  int refused(int since = 1) const { return version >= since ? EACCES : 0; }

  TemporaryDirectory state, read, foreign;
  int version = 0;
};

TEST_F(LandlockTest, LetsThroughWhatWasAllowed) {
  EXPECT_EQ(fenced([&] { return opening(state.path() / "file", O_RDWR); }), 0);
  EXPECT_EQ(fenced([&] { return opening(state.path() / "another", O_WRONLY | O_CREAT | O_TRUNC); }), 0);
  EXPECT_EQ(fenced([&] { return opening(read.path() / "file", O_RDONLY); }), 0);
  EXPECT_EQ(fenced([&] {
              const auto from = state.path() / "another", to = state.path() / "file";
              return std::rename(from.c_str(), to.c_str()) == 0 && unlink(to.c_str()) == 0 ? 0 : errno;
            }),
            0);
}

TEST_F(LandlockTest, AndNothingElse) {
  EXPECT_EQ(fenced([&] { return opening(read.path() / "file", O_WRONLY); }), refused());
  EXPECT_EQ(fenced([&] { return opening(read.path() / "another", O_WRONLY | O_CREAT); }), refused());
  EXPECT_EQ(fenced([&] { return opening(foreign.path() / "file", O_RDONLY); }), refused());
  EXPECT_EQ(fenced([&] { return opening("/etc/passwd", O_RDONLY); }), refused());
  EXPECT_EQ(fenced([&] { return opening(state.path() / "../../etc/passwd", O_RDONLY); }), refused());
  EXPECT_EQ(fenced([&] { return unlink((read.path() / "file").c_str()) == 0 ? 0 : errno; }), refused());
  EXPECT_EQ(fenced([&] { return symlink("/etc", (state.path() / "link").c_str()) == 0 ? 0 : errno; }),
            refused());
}

TEST_F(LandlockTest, ConnectsToNobody) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listening, 1), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(fenced([&] {
              const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
              return connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                                     : errno;
            }),
            refused(4));
  close(listening);
}

TEST_F(LandlockTest, ADirectoryThatIsNotThereIsTold) {
  if (version == 0) return;  // nothing is looked at
  Landlock landlock;
  ASSERT_TRUE(landlock.open());
  const Result<void> allowed = landlock.allow("/nowhere", Landlock::May::read);
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().reason, Reason::not_found);
  EXPECT_EQ(allowed.error().detail.view(), "Landlock: /nowhere: it does not exist");
}

}  // namespace
}  // namespace signalbox::hal::kernel
