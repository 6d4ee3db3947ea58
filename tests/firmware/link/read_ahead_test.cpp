#include "link/read_ahead.hpp"

#include <cerrno>
#include <deque>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace signalbox::link {
namespace {

struct Sockets {
  Sockets() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  ~Sockets() {
    for (const int end : ends) ::close(end);
  }
  void send(std::string_view text) const {
    ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// What the kernel still has of it.
  std::string left() const {
    std::string text(8192, '\0');
    const ssize_t size = ::recv(ends[0], text.data(), text.size(), MSG_PEEK);
    return size > 0 ? text.substr(0, static_cast<std::size_t>(size)) : "";
  }
  int ends[2];
};

/// One connection's way through it.
struct Reader {
  explicit Reader(ReadAhead& of) : ahead{of} {}
  std::string read(std::size_t size, bool ahead_too = true) {
    std::string text(size, '\0');
    last =
        ahead.read(sockets.ends[0], {reinterpret_cast<unsigned char*>(text.data()), size}, ahead_too, place);
    return last > 0 ? text.substr(0, static_cast<std::size_t>(last)) : "";
  }
  ReadAhead& ahead;
  Sockets sockets{};
  std::uint8_t place = ReadAhead::kNone;
  std::ptrdiff_t last = 0;
};

TEST(ReadAhead, TakesAllAtOnceAndGivesWhatIsAskedFor) {
  ReadAhead ahead;
  Reader its{ahead};
  its.sockets.send("headbody and more");
  EXPECT_EQ(its.read(4), "head");
  EXPECT_EQ(its.sockets.left(), "");
  EXPECT_EQ(ahead.size(its.place), 13U);
  EXPECT_EQ(its.read(4), "body");
  EXPECT_EQ(its.read(100), " and more");
  EXPECT_EQ(its.place, ReadAhead::kNone);
  EXPECT_EQ(its.read(4), "");
  EXPECT_EQ(its.last, -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(its.place, ReadAhead::kNone);
}

TEST(ReadAhead, TellsTheEndAfterWhatCameBeforeIt) {
  ReadAhead ahead;
  Reader its{ahead};
  its.sockets.send("last");
  ::shutdown(its.sockets.ends[1], SHUT_WR);
  EXPECT_EQ(its.read(2), "la");
  EXPECT_EQ(its.read(2), "st");
  EXPECT_EQ(its.read(2), "");
  EXPECT_EQ(its.last, 0);
}

TEST(ReadAhead, LeavesInTheKernelWhatItMayNotReadAhead) {
  ReadAhead ahead;
  Reader its{ahead};
  its.sockets.send("headbody");
  EXPECT_EQ(its.read(4, false), "head");
  EXPECT_EQ(its.sockets.left(), "body");
}

TEST(ReadAhead, GivesWhatWaitsBeforeWhatCameLater) {
  ReadAhead ahead;
  Reader its{ahead};
  its.sockets.send("first");
  EXPECT_EQ(its.read(1), "f");
  its.sockets.send("second");
  EXPECT_EQ(its.read(ReadAhead::kBytes * 2), "irst");
  EXPECT_EQ(its.read(ReadAhead::kBytes * 2), "second");
}

TEST(ReadAhead, ReadsExactlyWhereAllPlacesHoldSomething) {
  ReadAhead ahead;
  std::deque<Reader> paused;
  for (std::size_t i = 0; i < ReadAhead::kPlaces; ++i) {
    paused.emplace_back(ahead);
    paused.back().sockets.send("ab");
    EXPECT_EQ(paused.back().read(1), "a");
  }
  Reader late{ahead};
  late.sockets.send("headbody");
  EXPECT_EQ(late.read(4), "head");
  EXPECT_EQ(late.sockets.left(), "body");
  ahead.drop(paused[3].place);  // gone
  EXPECT_EQ(late.read(2), "bo");
  EXPECT_EQ(late.sockets.left(), "");
  EXPECT_EQ(late.read(2), "dy");
  for (std::size_t i = 0; i < ReadAhead::kPlaces; ++i)
    if (i != 3) {
      EXPECT_EQ(paused[i].read(9), "b");
    }
}

}  // namespace
}  // namespace signalbox::link
