#include <gtest/gtest.h>

#include "firmware/trust/identity_case.hpp"
#include "firmware/trust/scarce_memory.hpp"

namespace signalbox::trust {
namespace {

/// What comes of keys and certificates while mbedTLS's memory is used up, as by many handshakes.
class IdentityMemoryTest : public IdentityCase {
 protected:
  /// Does it with all amounts of memory, more and more. mbedTLS calls some of what it has no memory for
  /// wrong, and an operator who was told to remove it would remove what every client trusts.
  template <typename Attempt>
  static void expect_only_memory_is_blamed(Attempt attempt) {
    constexpr std::size_t kEnough = 40'000;
    for (std::size_t bytes = 0; bytes < kEnough; bytes += 500) {
      const ScarceMemory little{ScarceMemory::kPlenty, bytes};
      const Result<void> result = attempt();
      if (result) continue;
      EXPECT_EQ(result.error().detail.view(), "no memory for keys and certificates now") << bytes;
    }
    EXPECT_TRUE(attempt().has_value());
  }
};

TEST_F(IdentityMemoryTest, AStartBlamesNothingElse) {
  hosts = {"a.very-long-name-of-the-device.example.org", "bench"};
  expect_only_memory_is_blamed([&] {
    store.records.clear();
    Identity identity;
    const Result<void> opened = open(identity);
    EXPECT_EQ(opened.has_value(), !identity.key().empty());
    EXPECT_EQ(opened.has_value(), !store.records.empty());
    return opened;
  });
  const auto records = store.records;
  expect_only_memory_is_blamed([&] {
    Identity identity;
    return open(identity);
  });
  EXPECT_EQ(store.records, records);
}

TEST_F(IdentityMemoryTest, ARenewalBlamesNothingElse) {
  Identity first;
  ASSERT_TRUE(open(first));
  const auto records = store.records;
  expect_only_memory_is_blamed([&] {
    Identity renewed = first;
    return renewed.renew(store, entropy, now, {hosts, addresses});
  });
  EXPECT_EQ(store.records, records);
}

TEST_F(IdentityMemoryTest, WhatIsTakenFromElsewhereIsNotBlamed) {
  openssl("req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -days 36500 -subj /CN=bench");
  const std::string certificate = file("certificate");
  const std::string key = file("key");
  now = WallTime{0};  // whatever the date is
  expect_only_memory_is_blamed([&] {
    Identity identity;
    const Result<void> adopted = identity.adopt(certificate + certificate + certificate, key, entropy, now);
    EXPECT_EQ(adopted.has_value(), !identity.key().empty());
    return adopted;
  });
}

/// However that comes.
TEST_F(IdentityMemoryTest, WhereItRunsOutMidwayTheNextStartMakesItGood) {
  attempt_in_scarce_memory(
      [&] {
        store.records.clear();
        Identity identity;
        const Result<void> opened = open(identity);
        EXPECT_EQ(opened.has_value(), !identity.key().empty());
        return opened;
      },
      [](const Error&) {});
  for (const std::string name : {"authority", "key"}) {
    store.records.clear();
    store.on_write = [&](std::string_view record) {
      if (record == name) ScarceMemory::run_out();
    };
    Identity cut;
    {
      const ScarceMemory until_then{ScarceMemory::kPlenty};
      EXPECT_FALSE(open(cut)) << name;
    }
    EXPECT_FALSE(store.records.contains("certificate"));
    const std::string before = store.records.at(name);
    Identity later;
    ASSERT_TRUE(open(later)) << name;
    EXPECT_EQ(store.records.at(name), before);
  }
}

TEST_F(IdentityMemoryTest, WhereItRunsOutMidwayNothingIsRenewed) {
  Identity first;
  ASSERT_TRUE(open(first));
  const auto records = store.records;
  attempt_in_scarce_memory(
      [&] {
        Identity renewed = first;
        return renewed.renew(store, entropy, now, {hosts, addresses});
      },
      [&](const Error&) { EXPECT_EQ(store.records, records); });
}

}  // namespace
}  // namespace signalbox::trust
