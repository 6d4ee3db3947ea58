#pragma once

#include <array>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"

namespace signalbox::device {

/// A right device file of the kinds below; tests make one mistake in it.
inline constexpr std::string_view kRightFile = R"({
  "device": {"id": "bench-1", "title": "A bench"},
  "parts": [
    {"name": "air", "kind": "tmp102", "bus": 1, "address": 73,
     "periodMs": 500,
     "channels": {
       "temperature": {
         "path": "cabin/temperature",
         "title": "Air",
         "unit": "Cel",
         "range": [-20, 60],
         "calibration": {"scale": 1, "offset": 0},
         "staleMs": 3000}}},
    {"kind": "relay", "line": "heater", "activeLow": true,
     "channels": {
       "state": {
         "path": "cabin/heater",
         "initial": true,
         "safe": false,
         "deadlineMs": 2500,
         "feedback": {
           "channel": "cabin/sense",
           "scale": 2,
           "offset": -1,
           "tolerance": 0.5,
           "verifyMs": 800}}}},
    {"kind": "digitalInput", "line": "sense",
     "channels": {"state": {
       "path": "cabin/sense"}}},
    {"kind": "pwmFan", "output": "fan",
     "channels": {"duty": {
       "path": "cabin/fan",
       "range": [10, 90],
       "initial": 20,
       "safe": 10}}},
    {"kind": "sign",
     "channels": {
       "mode": {"path": "sign/mode", "labels": ["off", "slow", "fast"],
         "initial": "slow", "safe": "off"},
       "text": {"path": "sign/text"}}}
  ]
})";

inline constexpr std::array kSignPorts{
    PortSpec{.name = "mode", .kind = ValueKind::enumeration, .is_output = true},
    PortSpec{.name = "text", .kind = ValueKind::text},
};
/// Has the kinds of value that no driver has yet.
inline constexpr PartKind kSign{.name = "sign", .help = "a sign", .settings = {}, .ports = kSignPorts};

/// Reads device files into a roster of this many parts and channels.
class DeviceFileBench {
 public:
  explicit DeviceFileBench(std::size_t parts_max = 8, std::size_t channels_max = 8)
      : channels_(channels_max), parts_(parts_max) {
    const Catalogue all = drivers::catalogue();
    kinds_.assign(all.begin(), all.end());
    kinds_.push_back(kSign);
  }

  std::optional<Mistake> read(std::string_view text) { return read_device_file(text, kinds_, roster); }
  const Channel& channel(std::string_view path) { return roster.channels()[roster.find(path)]; }

 private:
  std::vector<Channel> channels_;
  std::vector<Part> parts_;
  std::vector<PartKind> kinds_;

 public:
  Roster roster{channels_, parts_};
};

/// A mistake: `with` instead of the first `that` in the right file, and what has to be told of it.
struct Edit {
  std::string_view that;
  std::string_view with;
  std::uint32_t line;
  std::string member;
  std::string_view found;
  std::string_view expected;  ///< the beginning
};

inline std::string edited(std::string_view that, std::string_view with, std::string_view file = kRightFile) {
  std::string text{file};
  const std::size_t at = text.find(that);
  EXPECT_NE(at, std::string::npos) << that;
  if (at != std::string::npos) text.replace(at, that.size(), with);
  return text;
}

inline void expect_told(const Edit& edit) {
  DeviceFileBench bench;
  const auto mistake = bench.read(edited(edit.that, edit.with));
  ASSERT_TRUE(mistake.has_value()) << edit.with;
  EXPECT_EQ(mistake->line, edit.line) << edit.with << "\n" << mistake->text().view();
  EXPECT_EQ(mistake->member.view(), edit.member) << edit.with;
  EXPECT_EQ(mistake->found.view(), edit.found) << edit.with;
  EXPECT_EQ(mistake->expected.view().substr(0, edit.expected.size()), edit.expected) << edit.with;
}

/// A mistake in a right file of a test's own; what was found, and where, is the text and the line put there.
struct Slip {
  std::string_view that;
  std::string_view with;
  std::string_view member;    ///< the end of it
  std::string_view expected;  ///< the beginning
};

inline void expect_told(std::string_view file, const Slip& slip) {
  DeviceFileBench bench;
  const auto mistake = bench.read(edited(slip.that, slip.with, file));
  ASSERT_TRUE(mistake.has_value()) << slip.with;
  EXPECT_TRUE(mistake->member.view().ends_with(slip.member)) << mistake->text().view();
  EXPECT_TRUE(mistake->expected.view().starts_with(slip.expected)) << mistake->text().view();
  EXPECT_GT(mistake->line, 0U);
}

}  // namespace signalbox::device
