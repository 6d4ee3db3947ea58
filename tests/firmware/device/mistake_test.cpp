#include "device/mistake.hpp"

#include <gtest/gtest.h>
#include <string>

namespace signalbox::device {
namespace {

TEST(Mistake, TellsItsPlace) {
  EXPECT_EQ((Mistake{12, 3, "parts[1].safe", "0", "true or false"}.text().view()),
            "line 12, parts[1].safe: found 0; expected true or false");
  EXPECT_EQ((Mistake{12, 3, "", "`}`", "a value"}.text().view()),
            "line 12, column 3: found `}`; expected a value");
  EXPECT_EQ((Mistake{0, 0, "", "9 bytes", "at most 8"}.text().view()),
            "the file: found 9 bytes; expected at most 8");
}

TEST(Mistake, HasRoomForItsLongestWords) {
  Mistake longest{4'294'967'295, 1, {}, {}, {}};
  longest.member.assign(std::string(200, 'm'));
  longest.found.assign(std::string(200, 'f'));
  longest.expected.assign(std::string(500, 'e'));
  const std::string text{longest.text().view()};
  EXPECT_EQ(text.back(), 'e');
  EXPECT_EQ(text.size(), 15 + 2 + 127 + 8 + 127 + 11 + 383U);
}

}  // namespace
}  // namespace signalbox::device
