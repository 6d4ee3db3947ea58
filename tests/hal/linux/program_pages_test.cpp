#include "hal/linux/program_pages.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace signalbox::hal::kernel {
namespace {

int marked = 41;  // not 0: its page is as the file has it until written to

/// How much of this program's code is in memory, in KB.
long code_kb() {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::ifstream maps{"/proc/self/smaps"};
  bool is_code = false;
  long sum = 0;
  for (std::string line, name; std::getline(maps, line);) {
    std::istringstream words{line};
    long kb = 0;
    words >> name >> kb;
    if (name.find('-') != std::string::npos)
      is_code = line.find(" r-xp ") != std::string::npos && line.find(program) != std::string::npos;
    else if (is_code && name == "Rss:")
      sum += kb;
  }
  return sum;
}

TEST(ProgramPagesTest, CodeLeavesMemoryAndComesBackWhereItIsUsed) {
  const long before = code_kb();
  give_back_program_pages();
  const long after = code_kb();
  EXPECT_GT(after, 0);
  EXPECT_LT(after, before);
}

TEST(ProgramPagesTest, WhatWasWrittenStays) {
  marked = 43;
  give_back_program_pages();
  EXPECT_EQ(marked, 43);
}

}  // namespace
}  // namespace signalbox::hal::kernel
