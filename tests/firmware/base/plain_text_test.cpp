#include "base/plain_text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace signalbox {
namespace {

bool stands_for_itself(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

TEST(PlainText, EndsAtEveryByteThatDoesNotStandForItself) {
  for (int value = 0; value < 256; ++value) {
    const auto byte = static_cast<unsigned char>(value);
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(24, '~');
      text[at] = static_cast<char>(byte);
      EXPECT_EQ(plain_bytes(text), stands_for_itself(byte) ? text.size() : at) << value << " at " << at;
    }
  }
}

TEST(PlainText, TellsTheFirstOfTwo) {
  for (const char first : {'\x01', '"', '\\', '\x80', '\xFF', '\x1F'})
    for (const char second : {'\x00', '"', '\\', '\x80', '\x20', '\x7F'})
      for (std::size_t at = 0; at < 15; ++at) {
        std::string text(16, 'a');
        text[at] = first;
        text[at + 1] = second;
        EXPECT_EQ(plain_bytes(text), at);
      }
}

TEST(PlainText, TakesAllOfIt) {
  for (std::size_t size = 0; size < 40; ++size) EXPECT_EQ(plain_bytes(std::string(size, ' ')), size);
}

}  // namespace
}  // namespace signalbox
