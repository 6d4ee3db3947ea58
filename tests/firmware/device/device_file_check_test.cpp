#include "device/device_file_check.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <utility>

#include "firmware/device/parsed.hpp"

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;

constexpr std::string_view kText = R"({
  "n": 12.5,
  "whole": 7,
  "b": true,
  "t": "cabin",
  "empty": "",
  "o": {"x": 1,
        "y": 2,
        "x": 3}
})";

class DeviceFileCheckTest : public testing::Test {
 protected:
  std::string_view found() const { return check.mistake().found; }
  std::string_view expected() const { return check.mistake().expected; }
  std::string_view member() const { return check.mistake().member; }
  std::uint32_t line() const { return check.mistake().line; }

  Parsed parsed{kText};
  DeviceFileMember top{parsed.top()};
  DeviceFileCheck check{parsed.document()};
};

TEST_F(DeviceFileCheckTest, TakesRightValues) {
  double number = 0.0;
  bool boolean = false;
  FixedText<5> text;
  EXPECT_TRUE(check.number(top, "n", {.min = 12.5, .max = 12.5}, number));
  EXPECT_EQ(number, 12.5);
  EXPECT_TRUE(check.number(top, "whole", {.min = 0.0, .max = 7.0, .whole = true}, number));
  EXPECT_EQ(number, 7.0);
  EXPECT_TRUE(check.boolean(top, "b", Need::required, boolean));
  EXPECT_TRUE(boolean);
  EXPECT_TRUE(check.text(top, "t", Need::required, "a name", text));
  EXPECT_EQ(text.view(), "cabin");
  EXPECT_TRUE(check.text(top, "empty", Need::optional, "a name", text));
  EXPECT_EQ(text.view(), "");
}

TEST_F(DeviceFileCheckTest, LeavesOutWhatMayBeLeftOut) {
  double number = 1.0;
  bool boolean = true;
  FixedText<5> text{"here"};
  EXPECT_TRUE(check.number(top, "absent", {.min = 5.0, .max = 6.0}, number));
  EXPECT_TRUE(check.boolean(top, "absent", Need::optional, boolean));
  EXPECT_TRUE(check.text(top, "absent", Need::optional, "a name", text));
  EXPECT_EQ(number, 1.0);
  EXPECT_TRUE(boolean);
  EXPECT_EQ(text.view(), "here");
}

TEST_F(DeviceFileCheckTest, TellsWhatIsMissing) {
  double number = 0.0;
  EXPECT_FALSE(check.number(
      top, "bus", {.min = 0.0, .max = 15.0, .whole = true, .help = "of the I2C bus", .need = Need::required},
      number));
  EXPECT_EQ(member(), "bus");
  EXPECT_EQ(found(), "nothing");
  EXPECT_EQ(expected(), "a whole number from 0 to 15 (of the I2C bus)");
  EXPECT_EQ(line(), 1U);
  bool boolean = false;
  const DeviceFileMember inner = *top.child("o");
  EXPECT_FALSE(check.boolean(inner, "safe", Need::required, boolean));
  EXPECT_EQ(member(), "o.safe");
  EXPECT_EQ(line(), 7U);
}

TEST_F(DeviceFileCheckTest, TellsWrongNumbers) {
  double number = 1.0;
  for (const auto& [min, max] : {std::pair{13.0, 20.0}, std::pair{0.0, 12.0}}) {
    EXPECT_FALSE(check.number(top, "n", {.min = min, .max = max}, number));
    EXPECT_EQ(found(), "12.5");
    EXPECT_EQ(line(), 2U);
  }
  EXPECT_FALSE(check.number(top, "n", {.min = 0.0, .max = 20.0, .whole = true}, number));
  EXPECT_EQ(expected(), "a whole number from 0 to 20");
  EXPECT_FALSE(check.number(top, "t", {.min = 0.0, .max = 20.0}, number));
  EXPECT_EQ(found(), "\"cabin\"");
  EXPECT_EQ(number, 1.0);
}

TEST_F(DeviceFileCheckTest, NoNumberIsInfinite) {
  constexpr std::string_view kHuge = R"({"n": 1e999})";
  const Parsed huge{kHuge};
  DeviceFileCheck huge_check{huge.document()};
  double number = 1.0;
  const double most = std::numeric_limits<double>::max();
  EXPECT_FALSE(huge_check.number(DeviceFileMember{huge.top()}, "n", {.min = -most, .max = most}, number));
}

TEST_F(DeviceFileCheckTest, TellsWrongBooleansAndTexts) {
  bool boolean = false;
  EXPECT_FALSE(check.boolean(top, "n", Need::optional, boolean));
  EXPECT_EQ(expected(), "true or false");
  FixedText<4> text;
  EXPECT_FALSE(check.text(top, "t", Need::optional, "a name", text));
  EXPECT_EQ(found(), "a text of 5 bytes");
  EXPECT_EQ(expected(), "at most 4: a name");
  EXPECT_FALSE(check.text(top, "b", Need::optional, "a name", text));
  EXPECT_EQ(expected(), "a text: a name");
  EXPECT_FALSE(check.text(top, "empty", Need::required, "a name", text));
  EXPECT_EQ(found(), "\"\"");
  EXPECT_EQ(line(), 6U);
}

TEST_F(DeviceFileCheckTest, TellsUnknownAndRepeatedMembers) {
  const DeviceFileMember inner = *top.child("o");
  constexpr std::array<std::string_view, 2> kOther{"x", "yy"};
  EXPECT_FALSE(check.object(inner, kOther));
  EXPECT_EQ(member(), "o.y");
  EXPECT_EQ(line(), 8U);
  EXPECT_EQ(found(), "an unknown member");
  EXPECT_EQ(expected(), "one of x, yy");
  constexpr std::array<std::string_view, 2> kBoth{"x", "y"};
  EXPECT_FALSE(check.object(inner, kBoth));
  EXPECT_EQ(member(), "o.x");
  EXPECT_EQ(line(), 9U);
  EXPECT_EQ(check.mistake().column, 9U);
  EXPECT_EQ(found(), "this member a second time");
  EXPECT_EQ(expected(), "it once only (the first is in line 7)");
  EXPECT_FALSE(check.object(*top.child("n"), kBoth));
  EXPECT_EQ(expected(), "an object in braces");
}

TEST(Choices, GuessesWhatWasMeant) {
  constexpr std::array<std::string_view, 3> kNames{"periodMs", "bus", "address"};
  EXPECT_EQ(choices("period", kNames).view(), "one of periodMs, bus, address (did you mean periodMs?)");
  EXPECT_EQ(choices("adress", kNames).view(), "one of periodMs, bus, address (did you mean address?)");
  EXPECT_EQ(choices("Bus", kNames).view(), "one of periodMs, bus, address (did you mean bus?)");
  EXPECT_EQ(choices("pin", kNames).view(), "one of periodMs, bus, address");
  EXPECT_EQ(choices("", kNames).view(), "one of periodMs, bus, address");
  EXPECT_EQ(choices(std::string_view{"a name of more than thirty-one bytes"}, kNames).view(),
            "one of periodMs, bus, address");
  EXPECT_EQ(choices("x", {kNames.data(), 1}).view(), "periodMs");
}

}  // namespace
}  // namespace signalbox::device
