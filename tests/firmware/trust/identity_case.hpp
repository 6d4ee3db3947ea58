#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "firmware/trust/memory_store.hpp"
#include "trust/identity.hpp"

namespace signalbox::trust {

/// A directory with the records as files, for openssl to judge.
class IdentityCase : public testing::Test {
 protected:
  static constexpr WallTime kNow{4'102'444'800'000};  // 2100-01-01 00:00:00 UTC, later than any build
  static constexpr std::int64_t kDayMs = 86'400'000;
  static inline std::string last_log;

  void SetUp() override {
    std::string pattern = testing::TempDir() + "identityXXXXXX";
    folder = mkdtemp(pattern.data());
    last_log.clear();
    set_log_sink([](Severity, std::string_view line) { last_log = line; });
  }
  void TearDown() override {
    set_log_sink(nullptr);
    std::filesystem::remove_all(folder);
  }

  Result<void> open(Identity& identity) { return identity.open(store, entropy, now, {hosts, addresses}); }

  /// What `openssl …` prints, run beside the records.
  std::string openssl(const std::string& arguments) {
    for (const auto& [name, record] : store.records) std::ofstream{folder / name} << record;
    std::FILE* pipe = popen(("cd '" + folder.string() + "' && openssl " + arguments + " 2>&1").c_str(), "r");
    std::string printed;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) printed += static_cast<char>(c);
    pclose(pipe);
    return printed;
  }

  std::string file(const char* name) {
    std::ifstream stream{folder / name};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

  static void expect_has(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
  }

  std::filesystem::path folder;
  MemoryStore store;
  SeededEntropy entropy{7};
  WallTime now = kNow;
  std::vector<std::string_view> hosts{"bench"};
  std::vector<std::string_view> addresses{"192.0.2.7", "2001:db8::7"};
};

}  // namespace signalbox::trust
