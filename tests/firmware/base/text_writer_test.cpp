#include "base/text_writer.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox {
namespace {

TEST(TextWriter, WritesWhileItFitsAndNothingMoreThen) {
  std::array<char, 6> memory{};
  TextWriter writer{memory};
  EXPECT_TRUE(writer.put("abc").put("de").fits());
  EXPECT_FALSE(writer.put("fg").fits());
  EXPECT_FALSE(writer.put("h").fits()) << "that would have fitted";
  EXPECT_EQ(writer.written(), "abcde");
  writer.back_to(3);
  EXPECT_EQ(writer.put("XYZ").written(), "abcXYZ");
  EXPECT_TRUE(writer.fits());
}

TEST(TextWriter, EscapesWhatIsSpecialAndKeepsLinesWhole) {
  std::array<char, 32> memory{};
  EXPECT_EQ(TextWriter{memory}.escaped("a,b\\c\nd\x01", ",\\").written(), "a\\,b\\\\c d ");
}

}  // namespace
}  // namespace signalbox
