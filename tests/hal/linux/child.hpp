#pragma once

#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace signalbox::hal::kernel {

/// What a process of its own says, for what cannot be taken back: 0 to 255, or -1 where a signal ended it.
inline int code_of_child(const std::function<int()>& what) {
  const pid_t child = fork();
  if (child == 0) _exit(what());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The first child of a process; 0 where it has none at the moment.
inline pid_t child_of(pid_t parent) {
  const std::string of = std::to_string(parent);
  pid_t child = 0;
  std::ifstream{"/proc/" + of + "/task/" + of + "/children"} >> child;
  return child;
}

}  // namespace signalbox::hal::kernel
