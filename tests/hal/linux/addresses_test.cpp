#include "hal/linux/addresses.hpp"

#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

namespace signalbox::hal::kernel {
namespace {

/// What `ip` lists as reachable from elsewhere.
std::vector<std::string> by_ip() {
  std::vector<std::string> found;
  for (const char* family : {"-4", "-6"}) {
    std::FILE* pipe = popen((std::string{"ip -o "} + family + " addr show up scope global").c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    pclose(pipe);
    std::istringstream lines{text};
    std::string number, device, kind, address;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words{line};
      words >> number >> device >> kind >> address;
      if (device != "lo") found.push_back(address.substr(0, address.find('/')));
    }
  }
  return found;
}

TEST(LinuxAddresses, AreThoseThatIpLists) {
  std::array<AddressText, 32> into;
  std::vector<std::string> read;
  for (const AddressText& address : read_addresses(into)) read.emplace_back(address.view());
  EXPECT_EQ(read, by_ip());
}

TEST(LinuxAddresses, NoMoreThanFit) {
  EXPECT_TRUE(read_addresses({}).empty());
  std::array<AddressText, 1> one;
  EXPECT_LE(read_addresses(one).size(), 1U);
}

}  // namespace
}  // namespace signalbox::hal::kernel
