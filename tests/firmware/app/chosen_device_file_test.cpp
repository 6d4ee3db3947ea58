#include "app/chosen_device_file.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "drivers/catalogue.hpp"
#include "hal/linux/temporary_directory.hpp"

namespace signalbox::app {
namespace {

constexpr std::string_view kBoardsOwn = R"({"device": {"id": "board"}, "parts": [
  {"kind": "hostUptime", "channels": {"uptime": {"path": "up"}}}]})";
constexpr std::string_view kOther = R"({"device": {"id": "other"}, "parts": [
  {"kind": "hostUptime", "channels": {"uptime": {"path": "up"}}}]})";

class ChosenDeviceFileTest : public testing::Test {
 protected:
  std::array<device::Channel, 4> channels{};
  std::array<device::Part, 2> parts{};
  device::Roster roster{channels, parts};
  hal::kernel::TemporaryDirectory directory;
  const std::string path = directory.path() / "device.json";
};

TEST_F(ChosenDeviceFileTest, WithoutANameItIsTheBoardsOwn) {
  ChosenDeviceFile file{nullptr, kBoardsOwn};
  EXPECT_EQ(file.declare(drivers::catalogue(), roster), 0);
  EXPECT_EQ(roster.id.view(), "board");
  EXPECT_STREQ(file.name(), "the board's device file");
}

TEST_F(ChosenDeviceFileTest, ItIsReadAnewEachTime) {
  directory.put("device.json", kOther);
  ChosenDeviceFile file{path.c_str(), kBoardsOwn};
  EXPECT_EQ(file.declare(drivers::catalogue(), roster), 0);
  EXPECT_EQ(roster.id.view(), "other");
  directory.put("device.json", "later");
  EXPECT_EQ(*file.read(), "later");
}

TEST_F(ChosenDeviceFileTest, WhatIsWrongIsToldWithTheFile) {
  ChosenDeviceFile file{path.c_str(), kBoardsOwn};
  testing::internal::CaptureStderr();
  EXPECT_EQ(file.declare(drivers::catalogue(), roster), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("signalbox: --device-file: "), std::string::npos);
  directory.put("device.json", "{");
  testing::internal::CaptureStderr();
  EXPECT_EQ(file.declare(drivers::catalogue(), roster), 1);
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(told.find("signalbox: " + path + ": line 1"), 0U) << told;
}

}  // namespace
}  // namespace signalbox::app
