#include "device/device_file_member.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "firmware/device/parsed.hpp"

namespace signalbox::device {
namespace {

TEST(DeviceFileMember, KnowsItsTypeAndValue) {
  const Parsed parsed{R"({"n": 1.5, "b": true, "f": false, "t": "x", "z": null, "a": [1], "o": {"p": 1}})"};
  const DeviceFileMember top{parsed.top()};
  EXPECT_TRUE(top.is_object());
  EXPECT_EQ(top.size(), 7U);
  EXPECT_EQ(*top.child("n")->number(), 1.5);
  EXPECT_EQ(top.child("b")->boolean(), true);
  EXPECT_EQ(top.child("f")->boolean(), false);
  EXPECT_EQ(top.child("t")->text(), "x");
  EXPECT_TRUE(top.child("a")->is_array());
  EXPECT_EQ(top.child("t")->number(), std::nullopt);
  EXPECT_EQ(top.child("n")->boolean(), std::nullopt);
  EXPECT_EQ(top.child("z")->text(), std::nullopt);
  EXPECT_EQ(top.child("N"), std::nullopt);  // names are told apart by case
  EXPECT_EQ(top.child("n")->child("x"), std::nullopt);
  EXPECT_EQ(top.child("n")->size(), 0U);
}

TEST(DeviceFileMember, ShowsItsValue) {
  const Parsed parsed{R"([1.5, true, "on", null, [], [1, 2], {}, {"p": 1}, 1e300, -12])"};
  const DeviceFileMember top{parsed.top()};
  const std::array<std::string_view, 10> shown{"1.5",           "true",        "\"on\"",          "null",
                                               "an empty list", "a list of 2", "an empty object", "an object",
                                               "1e+300",        "-12"};
  for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_EQ(top.at(i).shown().view(), shown[i]);
}

TEST(DeviceFileMember, ShortensLongTexts) {
  const std::string text = "\"" + std::string(1000, 'x') + "\"";
  const Parsed parsed{text};
  EXPECT_EQ(DeviceFileMember{parsed.top()}.shown().view(), "\"" + std::string(100, 'x') + "\"");
}

TEST(DeviceFileMember, ShortensBetweenCharacters) {
  const std::string whole(98, 'x');
  const std::string text = "\"" + whole + "\u20ac\"";
  const Parsed parsed{text};
  EXPECT_EQ(DeviceFileMember{parsed.top()}.shown().view(), "\"" + whole + "\"");
}

TEST(DeviceFileMember, KnowsItsPathAndWhereItBegins) {
  constexpr std::string_view text =
      R"({"device": {}, "parts": [{"kind": "a"}, {"kind": "b", "channels": {"x": {}}}]})";
  const Parsed parsed{text};
  const DeviceFileMember top{parsed.top()};
  const DeviceFileMember parts = *top.child("parts");
  const DeviceFileMember part = parts.at(1);
  const DeviceFileMember channels = *part.child("channels");
  const DeviceFileMember channel = channels.at(0);
  EXPECT_EQ(top.path().view(), "");
  EXPECT_EQ(parts.path().view(), "parts");
  EXPECT_EQ(channel.path().view(), "parts[1].channels.x");
  EXPECT_EQ(channel.name(), "x");
  const auto offset = [&](const DeviceFileMember& member) {
    return parsed.document().offset_of(member.beginning());
  };
  EXPECT_EQ(offset(top), 0U);
  EXPECT_EQ(offset(parts), text.find("\"parts\""));
  EXPECT_EQ(offset(part), text.find("{\"kind\": \"b\"")) << "it has no name";
  EXPECT_EQ(offset(channel), text.find("\"x\""));
}

}  // namespace
}  // namespace signalbox::device
