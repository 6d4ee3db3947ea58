#include "link/listener.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "tests/firmware/link/steady_now.hpp"

namespace signalbox::link {
namespace {

struct Guests final : Acceptor {
  ~Guests() {
    for (const int fd : taken) ::close(fd);
  }
  bool do_accepted(int fd, const Peer& peer) override {
    taken.push_back(fd);
    peers.push_back(peer);
    return taken.size() < room;
  }
  std::size_t room = 100;
  std::vector<int> taken;
  std::vector<Peer> peers;
};

class ListenerTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(loop.open().has_value()); }
  void TearDown() override {
    for (const int fd : clients) ::close(fd);
  }
  int knock() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients.push_back(fd);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(listener.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  void pass() { loop.wait(steady_now(), steady_now() + from_ms(20)); }
  Reason reason_of(std::string_view address, std::uint16_t port = 0) {
    Listener other{loop, guests};
    const Result<void> opened = other.open(address, port, {});
    return opened ? Reason::unknown : opened.error().reason;
  }

  std::vector<Loop::Slot> slots{std::vector<Loop::Slot>(256)};
  Loop loop{slots, {steady_now, nullptr}};
  Guests guests;
  Listener listener{loop, guests};
  std::vector<int> clients;
};

TEST_F(ListenerTest, AcceptsAndTellsWhoComes) {
  ASSERT_TRUE(listener.open("127.0.0.1", 0, {.idle_s = 7}).has_value());
  EXPECT_NE(listener.port(), 0);
  EXPECT_EQ(knock(), 0);
  pass();
  ASSERT_EQ(guests.taken.size(), 1U);
  EXPECT_EQ(guests.peers[0].text.view(), "127.0.0.1");
  int value = 0;
  socklen_t size = sizeof value;
  ASSERT_EQ(::getsockopt(guests.taken[0], IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
  EXPECT_EQ(value, 1);
  ASSERT_EQ(::getsockopt(guests.taken[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, &size), 0);
  EXPECT_EQ(value, 7);
  ASSERT_EQ(::getsockopt(guests.taken[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size), 0);
  EXPECT_EQ(value, 60000);
}

TEST(Peer, IsOfANetworkThatCannotBeToldApart) {
  const auto network_of = [](const char* text) {
    Peer peer;
    EXPECT_EQ(::inet_pton(AF_INET6, text, peer.address.data()), 1) << text;
    return peer.network();
  };
  EXPECT_NE(network_of("::ffff:192.0.2.7"), network_of("::ffff:192.0.2.8"));
  EXPECT_EQ(network_of("2001:db8:0:1::7"), network_of("2001:db8:0:1:a:b:c:d"));
  EXPECT_NE(network_of("2001:db8:0:1::7"), network_of("2001:db8:0:2::7"));
  EXPECT_EQ(network_of("fe80::1"), network_of("fe80::2")) << "one host may have both";
  EXPECT_NE(network_of("::ffff:192.168.1.5"), network_of("fe80::0:ffff:c0a8:105"))
      << "nor made to look alike";
  EXPECT_NE(network_of("::ffff:192.168.1.5"), network_of("0:ffff:c0a8:105::1"));
  EXPECT_NE(network_of("::1"), network_of("::ffff:127.0.0.1"));
}

TEST_F(ListenerTest, LetsTheQueueWaitWhileThereIsNoRoom) {
  guests.room = 2;
  ASSERT_TRUE(listener.open("127.0.0.1", 0, {}).has_value());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(knock(), 0);
  pass();
  pass();
  EXPECT_EQ(guests.taken.size(), 2U);
  guests.room = 100;
  listener.pause(false);
  pass();
  EXPECT_EQ(guests.taken.size(), 3U);
}

TEST_F(ListenerTest, TellsWhyItCannotListen) {
  ASSERT_TRUE(listener.open("127.0.0.1", 0, {}).has_value());
  EXPECT_EQ(reason_of("127.0.0.1", listener.port()), Reason::busy);
  EXPECT_EQ(reason_of("198.51.100.7"), Reason::not_found);
  EXPECT_EQ(reason_of("fe80::1%nowhere0"), Reason::not_found);
  EXPECT_EQ(reason_of("localhost"), Reason::malformed);
  EXPECT_EQ(reason_of(""), Reason::malformed);
  EXPECT_EQ(reason_of(std::string(200, '1')), Reason::malformed);
}

TEST_F(ListenerTest, LeavesThePortWhenItCloses) {
  ASSERT_TRUE(listener.open("127.0.0.1", 0, {}).has_value());
  listener.close();
  EXPECT_NE(knock(), 0);
}

}  // namespace
}  // namespace signalbox::link
