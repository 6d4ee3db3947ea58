#include "hal/linux/descriptor.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace signalbox::hal::kernel {
namespace {

TEST(Descriptor, ClosesAtTheEnd) {
  int number = -1;
  {
    const Descriptor file{open("/dev/null", O_RDONLY | O_CLOEXEC)};
    ASSERT_TRUE(static_cast<bool>(file));
    number = file.number();
    EXPECT_EQ(fcntl(number, F_GETFD), FD_CLOEXEC);
  }
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
  EXPECT_FALSE(static_cast<bool>(Descriptor{}));
}

TEST(Descriptor, MovesWithoutClosing) {
  Descriptor one{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const int number = one.number();
  Descriptor other{std::move(one)};
  EXPECT_EQ(other.number(), number);
  Descriptor third;
  third = std::move(other);
  EXPECT_EQ(third.number(), number);
  EXPECT_NE(fcntl(number, F_GETFD), -1);
}

TEST(Descriptor, ReadsAndWritesInPieces) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const Descriptor reads{ends[0]};
  std::array<char, 16> into{};
  {
    const Descriptor writes{ends[1]};
    EXPECT_TRUE(writes.write_all("one "));
    EXPECT_TRUE(writes.write_all("two"));
    EXPECT_TRUE(writes.write_all(""));
  }
  ASSERT_EQ(reads.read_all(into), 7);
  EXPECT_EQ((std::string{into.data(), 7}), "one two");
}

TEST(Descriptor, TellsFailures) {
  std::array<char, 4> into{};
  EXPECT_EQ(Descriptor{}.read_all(into), -1);
  EXPECT_EQ(errno, EBADF);
  const Descriptor full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
  ASSERT_TRUE(static_cast<bool>(full));
  EXPECT_FALSE(full.write_all("x"));
  EXPECT_EQ(errno, ENOSPC);
}

}  // namespace
}  // namespace signalbox::hal::kernel
