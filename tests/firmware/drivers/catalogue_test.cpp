#include "drivers/catalogue.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

namespace signalbox::drivers {
namespace {

using device::PartKind;
using device::PortSpec;
using device::SettingSpec;

bool is_camel_case(std::string_view name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

TEST(Catalogue, NamesEachKindOnce) {
  std::set<std::string_view> names;
  for (const PartKind& kind : catalogue()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_TRUE(is_camel_case(kind.name)) << kind.name;
    EXPECT_FALSE(kind.help.empty()) << kind.name;
    EXPECT_NE(kind.construct, nullptr) << kind.name;
  }
  EXPECT_EQ(names.size(), 22U);
}

TEST(Catalogue, SettingsHoldWhatTheDeviceFileReliesOn) {
  for (const PartKind& kind : catalogue()) {
    EXPECT_LE(kind.settings.size(), device::kSettingsMax);
    for (const SettingSpec& spec : kind.settings) {
      const std::string where = std::string{kind.name} + "." + std::string{spec.name};
      EXPECT_TRUE(is_camel_case(spec.name)) << where;
      EXPECT_FALSE(spec.help.empty()) << where;
      if (spec.kind != SettingSpec::Kind::number && spec.kind != SettingSpec::Kind::integer) continue;
      EXPECT_LT(spec.min, spec.max) << where;
      EXPECT_TRUE(std::is_sorted(spec.choices.begin(), spec.choices.end())) << where;
      EXPECT_TRUE(spec.choices.empty() ||
                  std::count(spec.choices.begin(), spec.choices.end(), spec.fallback) == 1)
          << where;
      if (spec.required) continue;
      EXPECT_GE(spec.fallback, spec.min) << where;
      EXPECT_LE(spec.fallback, spec.max) << where;
    }
  }
}

TEST(Catalogue, PortsHoldWhatTheDeviceFileReliesOn) {
  for (const PartKind& kind : catalogue()) {
    ASSERT_FALSE(kind.ports.empty()) << kind.name;
    EXPECT_LE(kind.ports.size(), device::kPortsMax) << kind.name;
    for (std::size_t i = 0; i < kind.ports.size(); ++i) {
      const PortSpec& port = kind.ports[i];
      EXPECT_TRUE(is_camel_case(port.name)) << kind.name;
      EXPECT_TRUE(port.kind != device::ValueKind::number || port.min < port.max) << kind.name;
      EXPECT_TRUE(!port.is_output || i == 0) << kind.name << ": an actuator's output is its port 0";
    }
  }
}

TEST(Catalogue, IsWrittenDown) {
  std::ifstream readme{SIGNALBOX_SOURCE_DIR "/boards/README.md"};
  std::map<std::string, std::string> lines;
  for (std::string line; std::getline(readme, line);)
    if (line.starts_with("| `")) lines.emplace(line.substr(3, line.find('`', 3) - 3), line);
  for (const PartKind& kind : catalogue()) {
    const std::string& line = lines[std::string{kind.name}];
    for (const PortSpec& port : kind.ports)
      EXPECT_NE(line.find("`" + std::string{port.name} + "`"), std::string::npos)
          << kind.name << " " << port.name;
    for (const SettingSpec& spec : kind.settings)
      EXPECT_NE(line.find("`" + std::string{spec.name} + "`"), std::string::npos)
          << kind.name << " " << spec.name;
  }
}

}  // namespace
}  // namespace signalbox::drivers
