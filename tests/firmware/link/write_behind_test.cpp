#include "link/write_behind.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace signalbox::link {
namespace {

/// Two ends of a connection; what is written to the first comes out of the second.
struct Line {
  Line() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    for (int end : ends)
      if (end >= 0) ::close(end);
  }
  int fd() const { return ends[0]; }
  std::string come() const {
    std::string all(1U << 20U, '\0');
    const ssize_t size = ::recv(ends[1], all.data(), all.size(), 0);
    return size > 0 ? all.substr(0, static_cast<std::size_t>(size)) : "";
  }
  /// As much as the kernel takes.
  std::string fill() const {
    std::string all;
    while (::send(fd(), "........", 8, MSG_NOSIGNAL) == 8) all += "........";
    return all;
  }
  int ends[2] = {-1, -1};
};

class WriteBehindTest : public ::testing::Test {
 protected:
  bool take(const Line& line, std::string_view text) {
    const std::span<unsigned char> room = behind.lend(text.size());
    if (room.empty()) return false;
    std::copy(text.begin(), text.end(), room.begin());
    behind.take(line.fd(), room);
    return true;
  }
  std::vector<int> left() const {
    std::vector<int> all;
    behind.each_left([&](int fd) { all.push_back(fd); });
    return all;
  }
  WriteBehind behind;
  Line a;
  Line b;
};

TEST_F(WriteBehindTest, WritesNothingBeforeItIsTold) {
  ASSERT_TRUE(take(a, "one "));
  ASSERT_TRUE(take(b, "two"));
  ASSERT_TRUE(take(a, "three"));
  EXPECT_TRUE(behind.waits_for(a.fd()));
  EXPECT_EQ(a.come() + b.come(), "");
  EXPECT_TRUE(behind.flush());
  EXPECT_FALSE(behind.waits_for(a.fd()));
  EXPECT_EQ(a.come(), "one three");
  EXPECT_EQ(b.come(), "two");
}

TEST_F(WriteBehindTest, TakesNoMoreThanFits) {
  for (std::size_t i = 0; i < WriteBehind::kRecordsMax; ++i) EXPECT_TRUE(take(a, "x"));
  EXPECT_FALSE(take(a, "x"));
  EXPECT_TRUE(behind.flush());
  EXPECT_EQ(a.come(), std::string(WriteBehind::kRecordsMax, 'x'));
  EXPECT_TRUE(take(a, std::string(WriteBehind::kBytes, 'y')));
  EXPECT_FALSE(take(a, "x"));
}

TEST_F(WriteBehindTest, ARecordMayBeAnyPartOfWhatWasLent) {
  const std::span<unsigned char> room = behind.lend(8);
  for (std::size_t i = 0; i < room.size(); ++i) room[i] = static_cast<unsigned char>('0' + i);
  behind.take(a.fd(), room.subspan(3, 4));
  ASSERT_TRUE(take(a, "next"));
  EXPECT_TRUE(behind.flush());
  EXPECT_EQ(a.come(), "3456next");
}

TEST_F(WriteBehindTest, KeepsWhatTheKernelDoesNotTakeInOrderAndHoldsNobodyElseUp) {
  const std::string before = a.fill();
  ASSERT_TRUE(take(a, "first "));
  ASSERT_TRUE(take(b, "beside"));
  ASSERT_TRUE(take(a, "second"));
  EXPECT_FALSE(behind.flush());
  EXPECT_EQ(b.come(), "beside");
  EXPECT_EQ(left(), (std::vector{a.fd(), a.fd()}));
  EXPECT_TRUE(behind.is_stuck(a.fd()));
  EXPECT_FALSE(behind.is_stuck(b.fd()));
  EXPECT_FALSE(take(b, "later"));  // there is no place for it
  EXPECT_TRUE(behind.flush());     // told once
  EXPECT_FALSE(behind.flush(a.fd()));
  EXPECT_EQ(a.come(), before);
  EXPECT_TRUE(behind.flush(a.fd()));
  EXPECT_EQ(a.come(), "first second");
  EXPECT_TRUE(left().empty());
  EXPECT_TRUE(take(b, "later"));
}

TEST_F(WriteBehindTest, ForgetsWhatIsLeftForASocketThatIsClosed) {
  a.fill();
  b.fill();
  ASSERT_TRUE(take(a, "never"));
  ASSERT_TRUE(take(b, "later"));
  EXPECT_FALSE(behind.flush());
  behind.drop(a.fd());
  EXPECT_EQ(left(), std::vector{b.fd()});
  b.come();
  EXPECT_TRUE(behind.flush(b.fd()));
  EXPECT_EQ(b.come(), "later");
  EXPECT_TRUE(take(b, "again"));
}

TEST_F(WriteBehindTest, ABrokenConnectionHoldsNothing) {
  ::close(std::exchange(a.ends[1], -1));
  ASSERT_TRUE(take(a, "nobody hears"));
  EXPECT_TRUE(behind.flush());
  EXPECT_TRUE(left().empty());
}

}  // namespace
}  // namespace signalbox::link
