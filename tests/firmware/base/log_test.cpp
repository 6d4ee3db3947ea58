#include "base/log.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace signalbox {
namespace {

/// What came out while it was the sink.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    lines.clear();
    set_log_sink([](Severity severity, std::string_view line) { lines.emplace_back(severity, line); });
  }
  void TearDown() override { set_log_sink(nullptr); }

  static inline std::vector<std::pair<Severity, std::string>> lines;
};

TEST_F(LogTest, WritesALineToTheSink) {
  log(Severity::warning, "port %d is %s", 8443, "taken");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].first, Severity::warning);
  EXPECT_EQ(lines[0].second, "port 8443 is taken");
}

TEST_F(LogTest, LetsNobodyWriteLinesOfTheirOwn) {
  log(Severity::info, "asked by %s", "a\nerror: it burns\x1B[2J\x7F \xC3\xA4");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].second, "asked by a?error: it burns?[2J? \xC3\xA4");
}

TEST_F(LogTest, CutsLongLines) {
  log(Severity::info, "%s", std::string(1000, 'x').c_str());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].second, std::string(255, 'x'));
}

TEST_F(LogTest, WithoutASinkItGoesToStandardError) {
  set_log_sink(nullptr);
  testing::internal::CaptureStderr();
  log(Severity::error, "it burns");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: it burns\n");
  EXPECT_TRUE(lines.empty());
}

}  // namespace
}  // namespace signalbox
