#include "hal/linux/privileges.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hal/linux/child.hpp"

namespace signalbox::hal::kernel {
namespace {

std::string why_not(const char* user) {
  const Result<void> became = become(user);
  return became ? "" : std::string{became.error().detail};
}

/// A line of /proc/self/status, such as CapEff.
std::string status_line(const std::string& name) {
  std::ifstream file{"/proc/self/status"};
  for (std::string word, value; file >> word;)
    if (word == name + ":" && file >> value) return value;
  return {};
}

bool is_without_capabilities() {
  const std::string none(16, '0');
  return status_line("CapInh") == none && status_line("CapPrm") == none && status_line("CapEff") == none &&
         status_line("CapAmb") == none;
}

int bind_to(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

TEST(Privileges, AUserThatCannotBeIsTold) {
  EXPECT_EQ(why_not("nobody-of-that-name"),
            "there is no user `nobody-of-that-name` in /etc/passwd; UID:GID is taken as well");
  EXPECT_EQ(why_not(""), "there is no user `` in /etc/passwd; UID:GID is taken as well");
  EXPECT_EQ(why_not("1234:"), "there is no user `1234:` in /etc/passwd; UID:GID is taken as well");
  EXPECT_EQ(why_not("root"), "`root` is root, or of its group: take a user without rights");
  EXPECT_EQ(why_not("1000:0"), "`1000:0` is root, or of its group: take a user without rights");
}

TEST(Privileges, OfRootAreLeftForGood) {
  if (geteuid() != 0) {
    EXPECT_NE(why_not("65534:65534").find("only root can become"), std::string::npos);
    return;
  }
  const auto become_and = [](const std::function<int()>& then) {
    return code_of_child([&] { return become("65534:65534") ? then() : 200; });
  };
  EXPECT_EQ(become_and(
                [] { return getuid() == 65534 && getegid() == 65534 && getgroups(0, nullptr) == 0 ? 0 : 1; }),
            0);
  EXPECT_EQ(become_and([] { return setuid(0) == 0 ? 0 : errno; }), EPERM);
  EXPECT_EQ(become_and([] { return open("/etc/shadow", O_RDONLY) >= 0 ? 0 : errno; }), EACCES);
  EXPECT_EQ(become_and([] { return status_line("CapBnd") == std::string(16, '0') ? 0 : 1; }), 0);
  EXPECT_EQ(become_and([] { return status_line("CapEff") == "0000000000000400" ? 0 : 1; }), 0)
      << "ports below 1024 only";
  EXPECT_EQ(become_and([] { return bind_to(977); }), 0);
  EXPECT_EQ(become_and([] { return give_up_privileges(false) && is_without_capabilities() ? 0 : 1; }), 0);
  EXPECT_EQ(become_and([] { return give_up_privileges(false) ? bind_to(977) : 0; }), EACCES);
}

TEST(Privileges, AreGivenUp) {
  EXPECT_EQ(code_of_child([] {
              if (!give_up_privileges(false) || !is_without_capabilities()) return 1;
              return status_line("NoNewPrivs") == "1" && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 2;
            }),
            0);
  EXPECT_EQ(code_of_child([] { return give_up_privileges(true) && prctl(PR_GET_DUMPABLE) == 1 ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace signalbox::hal::kernel
