#include "hal/linux/processor.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <regex>
#include <string>

namespace signalbox::hal::kernel {
namespace {

#ifdef __arm__
TEST(LinuxProcessor, MbedTlsUsesNoneOf32BitArm) { EXPECT_FALSE(has_aes_instructions()); }
#else
TEST(LinuxProcessor, SaysWhatTheKernelSays) {
  std::ifstream file{"/proc/cpuinfo"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto has = [&text](const char* word) {
    return std::regex_search(text, std::regex{std::string{"(flags|Features)\\s*:[^\\n]*\\b"} + word + "\\b"});
  };
  EXPECT_EQ(has_aes_instructions(), has("aes") && (has("pclmulqdq") || has("pmull")));
}
#endif

}  // namespace
}  // namespace signalbox::hal::kernel
