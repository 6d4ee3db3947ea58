#include "hal/linux/text_lines.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace signalbox::hal::kernel {
namespace {

using Words = std::vector<std::string>;

class TextLinesTest : public testing::Test {
 protected:
  Words take(std::string_view bytes) {
    Words found;
    for (const char byte : bytes)
      if (lines.take(byte)) found.emplace_back(lines.line());
    return found;
  }

  TextLines lines;
};

TEST_F(TextLinesTest, WhatIsBeforeTheFirstEndIsNoLine) {
  EXPECT_EQ(take("5.0\nT=25.0\n"), Words{"T=25.0"});
  EXPECT_EQ(lines.dropped(), 0U);
}

TEST_F(TextLinesTest, EveryKindOfEndIsOne) {
  EXPECT_EQ(take("\na\r\nb\rc\n\n\nd"), (Words{"a", "b", "c"}));
  EXPECT_EQ(take("e\n"), Words{"de"});
}

TEST_F(TextLinesTest, WhatIsTooLongIsPassedOverAndCounted) {
  const std::string longest(TextLines::kLineBytesMax, 'x');
  EXPECT_EQ(take("\n" + longest + "\n"), Words{longest});
  EXPECT_EQ(take(longest + "xT=1\nT=2\n"), Words{"T=2"});
  EXPECT_EQ(lines.dropped(), 1U);
  EXPECT_EQ(take(std::string(100'000, 'y')), Words{});
  EXPECT_EQ(lines.dropped(), 2U) << "told though it has no end, and once";
  EXPECT_EQ(take("\nT=3\n"), Words{"T=3"});
}

TEST_F(TextLinesTest, WhatIsTooLongIsToldFromTheStart) {
  EXPECT_EQ(take(std::string(1000, 'y')), Words{});
  EXPECT_EQ(lines.dropped(), 1U);
}

TEST_F(TextLinesTest, WhatIsNoTextIsPassedOverAndCounted) {
  using namespace std::string_view_literals;
  EXPECT_EQ(take("\n\x80\xfe\na\0b\n\x1b[2J\nT\t21 \xc2\xb0"
                 "C\n"sv),
            Words{"T\t21 \xc2\xb0"
                  "C"});
  EXPECT_EQ(lines.dropped(), 3U);
}

TEST_F(TextLinesTest, AfterALossItGoesOnBehindTheNextEnd) {
  EXPECT_EQ(take("\nT=2"), Words{});
  lines.lose();
  EXPECT_EQ(take("1.5\nT=3\n"), Words{"T=3"});
}

}  // namespace
}  // namespace signalbox::hal::kernel
