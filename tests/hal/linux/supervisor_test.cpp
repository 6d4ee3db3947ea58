#include "hal/linux/supervisor.hpp"

#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

class LinuxSupervisorTest : public testing::Test {
 protected:
  ~LinuxSupervisorTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    close(listening);
  }
  /// As systemd does: a socket, and its name in the environment.
  void listen_at(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    ASSERT_EQ(bind(listening, reinterpret_cast<const sockaddr*>(&address), size), 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  std::string heard() const {
    std::array<char, 128> bytes{};
    const ssize_t got = recv(listening, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return got < 0 ? "" : std::string{bytes.data(), static_cast<std::size_t>(got)};
  }
  static Duration patience(const char* us, const std::string& process) {
    setenv("WATCHDOG_USEC", us, 1);
    setenv("WATCHDOG_PID", process.c_str(), 1);
    return Supervisor{}.patience();
  }

  TemporaryDirectory directory;
  int listening = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST_F(LinuxSupervisorTest, IsToldHowItGoes) {
  listen_at(directory.path() / "notify");
  Supervisor supervisor;
  supervisor.ready();
  EXPECT_EQ(heard(), "READY=1");
  supervisor.reloading(Instant{from_ms(1234)});
  EXPECT_EQ(heard(), "RELOADING=1\nMONOTONIC_USEC=1234000");
  supervisor.alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  supervisor.stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(LinuxSupervisorTest, MayHaveANameWithoutAFile) {
  listen_at("@signalbox-test-" + std::to_string(getpid()));
  Supervisor{}.ready();
  EXPECT_EQ(heard(), "READY=1");
}

TEST_F(LinuxSupervisorTest, OneThatTakesNothingDoesNotHoldUsUp) {
  listen_at(directory.path() / "notify");
  Supervisor supervisor;
  for (int i = 0; i < 10'000; ++i) supervisor.alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(LinuxSupervisorTest, IsNotThereUnlessItSaysSo) {
  Supervisor{}.ready();
  for (const std::string& name :
       {std::string{directory.path() / "nobody"}, std::string{}, std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    testing::internal::CaptureStderr();
    Supervisor{}.ready();
    EXPECT_NE(testing::internal::GetCapturedStderr().find("warning: NOTIFY_SOCKET"), std::string::npos)
        << name;
  }
}

TEST_F(LinuxSupervisorTest, WaitsAsLongAsItSaysForThisProcessOnly) {
  EXPECT_EQ(patience("2000000", std::to_string(getpid())), Duration{}) << "nobody to tell";
  listen_at(directory.path() / "notify");
  EXPECT_EQ(patience("2000000", std::to_string(getpid())), from_ms(2000));
  EXPECT_EQ(patience("2000000", "1"), Duration{});
  for (const char* wrong : {"", "0", "-5", "2s", "99999999999999999999"})
    EXPECT_EQ(patience(wrong, std::to_string(getpid())), Duration{}) << wrong;
}

}  // namespace
}  // namespace signalbox::hal::kernel
