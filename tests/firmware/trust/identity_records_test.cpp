#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "firmware/trust/identity_case.hpp"

namespace signalbox::trust {
namespace {

/// Records that somebody has changed, or that cannot be had.
class IdentityRecordsTest : public IdentityCase {
 protected:
  Result<void> renew(Identity& identity) { return identity.renew(store, entropy, now, {hosts, addresses}); }
};

TEST_F(IdentityRecordsTest, OneThatCannotBeReadIsToldAndNothingReplaced) {
  for (const bool are_there : {false, true}) {
    for (const std::string_view name : {"authority", "key", "certificate"}) {
      store.records.clear();
      store.unreadable = {};
      Identity first;
      ASSERT_TRUE(!are_there || open(first));
      const auto records = store.records;
      store.unreadable = name;
      Identity identity;
      const Result<void> opened = open(identity);
      ASSERT_FALSE(opened) << name;
      EXPECT_EQ(opened.error().detail.view(), "cannot look at it");
      EXPECT_EQ(store.records, records) << name;
    }
  }
}

TEST_F(IdentityRecordsTest, AnAuthorityThatVouchesForNobodyIsDamaged) {
  Identity one;
  ASSERT_TRUE(open(one));
  const auto ours = store.records;
  store.records.clear();
  Identity other;
  ASSERT_TRUE(open(other));
  const std::string theirs = store.records.at("authority");
  const std::string begin = "-----BEGIN CERTIFICATE-----";
  const std::string& authority = ours.at("authority");
  const std::string leaf = ours.at("certificate").substr(0, ours.at("certificate").rfind(begin));
  for (const std::string& bad :
       {authority.substr(0, authority.find(begin)) + theirs.substr(theirs.find(begin)),  // of another key
        ours.at("key") + leaf,                                                           // none to sign with
        authority.substr(0, authority.find(begin))}) {
    store.records = ours;
    store.records["authority"] = bad;
    Identity damaged;
    const Result<void> opened = open(damaged);
    ASSERT_FALSE(opened) << bad;
    EXPECT_EQ(opened.error().reason, Reason::malformed);
    EXPECT_EQ(opened.error().field.view(), "authority");
    EXPECT_EQ(store.records.at("authority"), bad);
  }
}

TEST_F(IdentityRecordsTest, BesideACertificateThatCannotBeReadNoAuthorityIsMade) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  store.records.erase("authority");
  store.records["certificate"] = "rubbish";
  Identity later;
  const Result<void> opened = open(later);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().field.view(), "certificate");
  EXPECT_FALSE(store.records.contains("authority"));
}

TEST_F(IdentityRecordsTest, OneBySomebodyWhoseNameIsAsLongDidNotSignItself) {
  const std::string curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  openssl("req -x509 " + curve + "-keyout ca-key -out ca -days 30 -subj /CN=hcneb");
  openssl("req " + curve + "-keyout key -out request -subj /CN=bench");
  openssl("x509 -req -in request -CA ca -CAkey ca-key -days 30 -out certificate");
  store.records = {{"key", file("key")}, {"certificate", file("certificate")}};
  const auto records = store.records;
  Identity identity;
  EXPECT_EQ(open(identity).error().reason, Reason::conflict);
  EXPECT_EQ(store.records, records);
}

TEST_F(IdentityRecordsTest, AnAuthorityThatHasEndedIsTold) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  now.unix_ms += 21 * 365 * kDayMs;
  Identity later;
  ASSERT_TRUE(open(later));
  expect_has(last_log, "the device's authority has expired");
  EXPECT_EQ(later.fingerprint(), identity.fingerprint());
}

TEST_F(IdentityRecordsTest, ARenewalThatCannotReadTheAuthorityIsToldWhy) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  store.unreadable = "authority";
  EXPECT_EQ(renew(identity).error().detail.view(), "cannot look at it");
  store.unreadable = {};
  store.records.erase("authority");
  EXPECT_EQ(renew(identity).error().field.view(), "authority");
  EXPECT_FALSE(store.records.contains("authority")) << "a renewal makes none";
}

TEST_F(IdentityRecordsTest, WithoutRandomnessNothingIsRenewedNorTaken) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const std::string certificate{identity.certificate()};
  const std::string key{identity.key()};
  entropy.good = false;
  EXPECT_EQ(renew(identity).error().reason, Reason::failed);
  EXPECT_EQ(identity.certificate(), certificate);
  Identity adopting;
  EXPECT_EQ(adopting.adopt(certificate, key, entropy, now).error().reason, Reason::failed);
  EXPECT_TRUE(adopting.certificate().empty());
}

TEST_F(IdentityRecordsTest, ABoardWithoutAClockTakesWhatMayBeValid) {
  Identity of_later;
  ASSERT_TRUE(open(of_later));
  now = WallTime{0};
  Identity identity;
  EXPECT_TRUE(identity.adopt(of_later.certificate(), of_later.key(), entropy, now));
}

TEST_F(IdentityRecordsTest, AsManyAndAsLongNamesAsACertificateHoldsAreServed) {
  std::vector<std::string> many;
  for (char letter = 'a'; letter < 'a' + 13; ++letter) {
    std::string name;
    for (int labels = 0; labels < 4; ++labels) name.append(60, letter).append(".");
    many.push_back(name.append("example.x"));
  }
  hosts.assign(many.begin(), many.end());
  addresses.clear();
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_TRUE(last_log.empty()) << last_log;
  const std::string names = openssl("x509 -in certificate -noout -ext subjectAltName");
  for (const std::string& host : many) expect_has(names, "DNS:" + host);
  EXPECT_EQ(openssl("verify -attime 4102444800 -CAfile authority certificate"), "certificate: OK\n");
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_EQ(later.certificate(), identity.certificate());
}

}  // namespace
}  // namespace signalbox::trust
