#include "link/system_error.hpp"

#include <gtest/gtest.h>

namespace signalbox::link {
namespace {

TEST(SystemError, NamesTheCallAndWhatWentWrong) {
  errno = EMFILE;
  const Error error = system_error("epoll_create1");
  EXPECT_EQ(error.reason, Reason::internal);
  EXPECT_EQ(error.detail.view(), "epoll_create1: Too many open files");
}

}  // namespace
}  // namespace signalbox::link
