#include "trust/identity.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "firmware/trust/memory_store.hpp"

namespace signalbox::trust {
namespace {

constexpr WallTime kNow{4'102'444'800'000};  // 2100-01-01 00:00:00 UTC, later than any build
constexpr std::int64_t kDayMs = 86'400'000;

std::string last_log;

/// A directory with the records as files, for openssl to judge.
class IdentityTest : public testing::Test {
 protected:
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

TEST_F(IdentityTest, FirstStartMakesACertificateThatOpensslAccepts) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_EQ(identity.certificate(), store.records.at("certificate"));
  EXPECT_EQ(identity.key(), store.records.at("key"));
  EXPECT_EQ(identity.key().data()[identity.key().size()], '\0');

  const std::string text = openssl("x509 -in certificate -noout -text");
  expect_has(text, "ASN1 OID: prime256v1");
  expect_has(text, "Signature Algorithm: ecdsa-with-SHA256");
  expect_has(text, "Subject: CN = bench\n");
  for (const char* name :
       {"DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1", "DNS:bench,",
        "DNS:bench.local", "IP Address:192.0.2.7", "IP Address:2001:DB8:0:0:0:0:0:7"}) {
    expect_has(text, name);
  }
  expect_has(text, "CA:FALSE");
  expect_has(text, "TLS Web Server Authentication");
  const std::string verify = "verify -x509_strict -purpose sslserver -attime 4102444800 -CAfile certificate ";
  for (const std::string name : {"-verify_hostname localhost", "-verify_hostname bench.local",
                                 "-verify_ip 127.0.0.1", "-verify_ip 2001:db8::7"}) {
    EXPECT_EQ(openssl(verify + name + " certificate"), "certificate: OK\n") << name;
  }
  expect_has(openssl(verify + "-verify_hostname elsewhere certificate"), "hostname mismatch");
}

TEST_F(IdentityTest, FingerprintIsAsOpensslPrintsIt) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  expect_has(openssl("x509 -in certificate -noout -fingerprint -sha256"),
             "Fingerprint=" + std::string{identity.fingerprint()} + "\n");
}

TEST_F(IdentityTest, KeyAndCertificateBelongTogether) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_EQ(openssl("pkey -in key -pubout"), openssl("x509 -in certificate -noout -pubkey"));
  EXPECT_EQ(openssl("pkey -in key -check -noout"), "Key is valid\n");
}

TEST_F(IdentityTest, LastsTenYearsFromNow) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_EQ(openssl("x509 -in certificate -noout -dates"),
            "notBefore=Dec 31 00:00:00 2099 GMT\nnotAfter=Jan  1 00:00:00 2110 GMT\n");
}

TEST_F(IdentityTest, ABoardWithoutAClockStartsFromTheBuild) {
  now = WallTime{0};
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto this_moment = std::to_string(std::time(nullptr));
  EXPECT_EQ(openssl("verify -attime " + this_moment + " -CAfile certificate certificate"),
            "certificate: OK\n");
}

TEST_F(IdentityTest, LaterStartsKeepIt) {
  Identity first;
  ASSERT_TRUE(open(first));
  const auto records = store.records;
  hosts = {"renamed"};
  now.unix_ms += 1000 * kDayMs;
  store.writes_left = 0;
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_EQ(store.records, records);
  EXPECT_EQ(later.fingerprint(), first.fingerprint());
  EXPECT_TRUE(last_log.empty()) << last_log;
}

TEST_F(IdentityTest, EachDeviceMakesItsOwn) {
  Identity one;
  ASSERT_TRUE(open(one));
  store.records.clear();
  Identity other;
  ASSERT_TRUE(open(other));
  EXPECT_NE(one.fingerprint(), other.fingerprint());
  EXPECT_NE(one.key(), other.key());
}

TEST_F(IdentityTest, ARemovedCertificateIsMadeAnewForTheSameKey) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const std::string key = store.records["key"];
  store.records.erase("certificate");
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_EQ(store.records["key"], key);
  EXPECT_NE(later.fingerprint(), identity.fingerprint());
  EXPECT_EQ(openssl("pkey -in key -pubout"), openssl("x509 -in certificate -noout -pubkey"));
}

TEST_F(IdentityTest, APowerCutBetweenTheTwoWritesIsMadeGood) {
  store.writes_left = 1;
  Identity cut;
  EXPECT_FALSE(open(cut));
  EXPECT_TRUE(cut.certificate().empty());
  store.writes_left = 1;
  Identity later;
  EXPECT_TRUE(open(later));
}

TEST_F(IdentityTest, ALostKeyIsToldAndNothingReplaced) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  store.records.erase("key");
  Identity later;
  const Result<void> opened = open(later);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::conflict);
  EXPECT_EQ(opened.error().field.view(), "key");
  EXPECT_FALSE(store.records.contains("key"));
}

TEST_F(IdentityTest, SomebodyElsesKeyIsAMismatch) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const std::string key = store.records["key"];
  store.records.clear();
  Identity other;
  ASSERT_TRUE(open(other));
  store.records["key"] = key;
  Identity mixed;
  const Result<void> opened = open(mixed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::mismatch);
  EXPECT_TRUE(mixed.key().empty());
}

TEST_F(IdentityTest, DamagedRecordsAreToldByName) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto good = store.records;
  for (const std::string name : {"key", "certificate"}) {
    for (const std::string& bad : {std::string{}, std::string{"rubbish"}, good.at(name).substr(0, 100)}) {
      store.records = good;
      store.records[name] = bad;
      Identity damaged;
      const Result<void> opened = open(damaged);
      ASSERT_FALSE(opened) << name << ": " << bad;
      EXPECT_EQ(opened.error().reason, Reason::malformed);
      EXPECT_EQ(opened.error().field.view(), name);
      EXPECT_EQ(store.records[name], bad);
    }
  }
}

TEST_F(IdentityTest, KeysAndChainsFromElsewhereServe) {
  openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca-key -out ca -days 30 -subj /CN=ca");
  openssl(
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout leaf-key -out request -subj /CN=bench");
  openssl("x509 -req -in request -CA ca -CAkey ca-key -days 30 -out leaf");
  const auto file = [this](const char* name) {
    std::ifstream stream{folder / name};
    return std::string{std::istreambuf_iterator<char>{stream}, {}};
  };
  store.records["key"] = file("leaf-key");
  store.records["certificate"] = file("leaf") + file("ca");
  Identity identity;
  const Result<void> opened = open(identity);
  ASSERT_TRUE(opened) << opened.error().detail.view();
  expect_has(openssl("x509 -in leaf -noout -fingerprint -sha256"), std::string{identity.fingerprint()});
}

TEST_F(IdentityTest, AnExpiredCertificateServesWithAWarning) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  now.unix_ms += 3700 * kDayMs;
  Identity later;
  ASSERT_TRUE(open(later));
  expect_has(last_log, "expired");
}

TEST_F(IdentityTest, NamesNoCertificateCanHoldAreLeftOutWithAWarning) {
  const std::string long_name(254, 'a');
  for (const std::string_view bad :
       {std::string_view{"two words"}, std::string_view{"a,CN=evil"}, std::string_view{""},
        std::string_view{".x"}, std::string_view{long_name}}) {
    store.records.clear();
    last_log.clear();
    hosts = {bad, "bench"};
    Identity identity;
    ASSERT_TRUE(open(identity)) << bad;
    expect_has(last_log, "left out the name");
    expect_has(openssl("x509 -in certificate -noout -subject"), "subject=CN = bench\n");
  }
  store.records.clear();
  last_log.clear();
  addresses = {"fe80::1%eth0", "300.1.1.1"};
  Identity identity;
  ASSERT_TRUE(open(identity));
  expect_has(last_log, "no IPv4 or IPv6 address");
}

TEST_F(IdentityTest, MoreNamesThanFitAreLeftOutWithAWarning) {
  std::vector<std::string> many;
  many.reserve(30);
  for (int i = 0; i < 30; ++i) many.push_back("host" + std::to_string(i) + ".example");
  hosts.assign(many.begin(), many.end());
  Identity identity;
  ASSERT_TRUE(open(identity));
  expect_has(last_log, "full");
  expect_has(openssl("x509 -in certificate -noout -ext subjectAltName"), "DNS:localhost");
}

TEST_F(IdentityTest, WithoutRandomnessNothingIsMade) {
  entropy.good = false;
  Identity identity;
  const Result<void> opened = open(identity);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::failed);
  EXPECT_TRUE(store.records.empty());
}

}  // namespace
}  // namespace signalbox::trust
