#include "trust/identity.hpp"

#include <ctime>
#include <gtest/gtest.h>
#include <utility>

#include "firmware/trust/identity_case.hpp"

namespace signalbox::trust {
namespace {

class IdentityTest : public IdentityCase {};

TEST_F(IdentityTest, ABoardWithoutAClockStartsFromTheBuild) {
  now = WallTime{0};
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto this_moment = std::to_string(std::time(nullptr));
  EXPECT_EQ(openssl("verify -attime " + this_moment + " -CAfile certificate certificate"),
            "certificate: OK\n");
  // and when it knows the date, what it has stays
  now = WallTime{std::time(nullptr) * std::int64_t{1000}};
  EXPECT_FALSE(identity.is_renewal_due(now));
}

TEST_F(IdentityTest, ABoardThatLostItsClockKeepsWhatItHas) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto records = store.records;
  now = WallTime{0};
  EXPECT_FALSE(identity.is_renewal_due(now));
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_EQ(store.records, records);
}

TEST_F(IdentityTest, LaterStartsKeepIt) {
  Identity first;
  ASSERT_TRUE(open(first));
  const auto records = store.records;
  now.unix_ms += 200 * kDayMs;
  store.writes_left = 0;
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_EQ(store.records, records);
  EXPECT_EQ(later.fingerprint(), first.fingerprint());
  EXPECT_TRUE(last_log.empty()) << last_log;
}

TEST_F(IdentityTest, ANewNameIsANewCertificateOfTheSameAuthority) {
  Identity first;
  ASSERT_TRUE(open(first));
  const auto records = store.records;
  store.records["ca.crt"] = first.authority();
  for (const auto& change : {0, 1, 2}) {
    if (change == 0) hosts = {"renamed"};
    if (change == 1) addresses = {"192.0.2.8", "2001:db8::7"};
    if (change == 2) addresses = {"192.0.2.8"};
    const std::string before = store.records.at("certificate");
    Identity later;
    ASSERT_TRUE(open(later));
    EXPECT_NE(store.records.at("certificate"), before);
    EXPECT_EQ(later.fingerprint(), first.fingerprint());
    EXPECT_EQ(store.records.at("key"), records.at("key"));
    EXPECT_EQ(openssl("verify -attime 4102444800 -verify_hostname renamed.local -CAfile ca.crt certificate"),
              "certificate: OK\n");
  }
}

TEST_F(IdentityTest, RenewedWhenAThirdOfItsLifeIsLeft) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto records = store.records;
  now.unix_ms += 263 * kDayMs;  // 396 from the start, and a third of 397 is 132
  EXPECT_FALSE(identity.is_renewal_due(now));
  now.unix_ms += 2 * kDayMs;
  EXPECT_TRUE(identity.is_renewal_due(now));

  // while it runs: in memory
  Identity renewed = identity;
  ASSERT_TRUE(renewed.renew(store, entropy, now, {hosts, addresses}));
  EXPECT_FALSE(renewed.is_renewal_due(now));
  EXPECT_EQ(store.records, records);
  EXPECT_NE(renewed.certificate(), identity.certificate());
  EXPECT_EQ(renewed.authority(), identity.authority());
  EXPECT_EQ(renewed.key(), identity.key());

  // at the next start: kept
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_NE(store.records.at("certificate"), records.at("certificate"));
  EXPECT_EQ(store.records.at("authority"), records.at("authority"));
  EXPECT_EQ(later.certificate(), store.records.at("certificate"));
}

TEST_F(IdentityTest, OneOfAnotherTimeIsMadeAnew) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  now.unix_ms -= 1000 * kDayMs;  // the clock had been wrong
  EXPECT_TRUE(identity.is_renewal_due(now));
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_EQ(later.term().begins_s, now.unix_ms / 1000 - kDaySeconds);
}

TEST_F(IdentityTest, ARenewalThatCannotBeKeptServesAllTheSame) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto records = store.records;
  now.unix_ms += 300 * kDayMs;
  store.writes_left = 0;
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_FALSE(later.is_renewal_due(now));
  EXPECT_EQ(store.records, records);
  expect_has(last_log, "not kept: no space left");
}

TEST_F(IdentityTest, ARenewalNeedsTheAuthorityOfTheStart) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto records = store.records;
  store.records.clear();
  Identity other;
  ASSERT_TRUE(open(other));
  Identity renewed = identity;
  EXPECT_EQ(renewed.renew(store, entropy, now, {hosts, addresses}).error().reason, Reason::mismatch);
  for (const std::string bad : {"", "rubbish"}) {
    store.records["authority"] = bad;
    EXPECT_EQ(renewed.renew(store, entropy, now, {hosts, addresses}).error().field.view(), "authority");
  }
}

TEST_F(IdentityTest, ACertificateThatSignedItselfGivesWayAndTheKeyStays) {
  openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out certificate "
      "-days 3650 -subj /CN=bench");
  store.records = {{"key", file("key")}, {"certificate", file("certificate")}};
  const auto old = store.records;
  Identity identity;
  ASSERT_TRUE(open(identity));
  expect_has(last_log, "/ca.crt");
  EXPECT_EQ(store.records.at("key"), old.at("key"));
  EXPECT_EQ(openssl("verify -attime 4102444800 -CAfile authority certificate"), "certificate: OK\n");
  last_log.clear();
  Identity later;
  ASSERT_TRUE(open(later));
  EXPECT_TRUE(last_log.empty()) << last_log;
}

TEST_F(IdentityTest, APowerCutAfterAnyWriteIsMadeGood) {
  openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out certificate "
      "-days 3650 -subj /CN=bench");
  const decltype(store.records) fresh;
  const decltype(store.records) old{{"key", file("key")}, {"certificate", file("certificate")}};
  for (const auto& before : {fresh, old}) {
    for (int writes = 0; writes <= 3; ++writes) {
      store.records = before;
      store.writes_left = writes;
      Identity cut;
      const bool served = open(cut).has_value();
      EXPECT_NE(served, cut.certificate().empty() && cut.key().empty() && cut.authority().empty());
      const auto left = store.records;
      store.writes_left = 1000;
      Identity later;
      const Result<void> opened = open(later);
      ASSERT_TRUE(opened) << writes << ": " << opened.error().detail.view();
      for (const std::string name : {"authority", "key"})
        EXPECT_TRUE(!left.contains(name) || store.records.at(name) == left.at(name)) << name;
      EXPECT_EQ(openssl("verify -attime 4102444800 -CAfile authority certificate"), "certificate: OK\n");
    }
  }
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
  EXPECT_NE(later.certificate(), identity.certificate());
  EXPECT_EQ(later.fingerprint(), identity.fingerprint());
  EXPECT_EQ(openssl("pkey -in key -pubout"), openssl("x509 -in certificate -noout -pubkey"));
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

TEST_F(IdentityTest, ALostAuthorityIsToldAndNothingReplaced) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  store.records.erase("authority");
  const auto records = store.records;
  Identity later;
  const Result<void> opened = open(later);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::conflict);
  EXPECT_EQ(opened.error().field.view(), "authority");
  EXPECT_EQ(store.records, records);
}

TEST_F(IdentityTest, SomebodyElsesAuthorityIsAMismatch) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  const auto records = store.records;
  store.records.clear();
  Identity other;
  ASSERT_TRUE(open(other));
  const std::string theirs = store.records["authority"];
  store.records = records;
  store.records["authority"] = theirs;
  Identity mixed;
  const Result<void> opened = open(mixed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::mismatch);
  EXPECT_EQ(opened.error().field.view(), "certificate");
  EXPECT_EQ(store.records["certificate"], records.at("certificate"));
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
  for (const std::string name : {"authority", "key", "certificate"}) {
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

/// A key and a chain of somebody's own, as files beside the records.
class AdoptTest : public IdentityCase {
 protected:
  void SetUp() override {
    IdentityCase::SetUp();
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca-key -out ca -days 30 -subj /CN=ca");
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout leaf-key -out request -subj "
        "/CN=bench");
    openssl("x509 -req -in request -CA ca -CAkey ca-key -days 30 -out leaf");
    now = WallTime{std::time(nullptr) * std::int64_t{1000}};
    chain = file("leaf") + file("ca");
    key = file("leaf-key");
  }
  Result<void> adopt(Identity& identity) { return identity.adopt(chain, key, entropy, now); }
  void expect_refused(Reason reason, const char* words) {
    Identity identity;
    const Result<void> adopted = adopt(identity);
    ASSERT_FALSE(adopted);
    EXPECT_EQ(adopted.error().reason, reason);
    expect_has(std::string{adopted.error().detail.view()}, words);
    EXPECT_TRUE(identity.key().empty() && identity.certificate().empty());
  }

  std::string chain;
  std::string key;
};

TEST_F(AdoptTest, KeysAndChainsFromElsewhereServe) {
  Identity identity;
  const Result<void> adopted = adopt(identity);
  ASSERT_TRUE(adopted) << adopted.error().detail.view();
  expect_has(openssl("x509 -in leaf -noout -fingerprint -sha256"), std::string{identity.fingerprint()});
  EXPECT_EQ(identity.certificate(), chain);
  EXPECT_EQ(identity.key(), key);
  EXPECT_TRUE(identity.authority().empty());
  EXPECT_TRUE(store.records.empty());
  now.unix_ms += 29 * kDayMs;
  EXPECT_FALSE(identity.is_renewal_due(now));
}

TEST_F(AdoptTest, WhatDoesNotServeIsTold) {
  const std::string good = std::exchange(key, file("ca-key"));
  expect_refused(Reason::mismatch, "does not belong");
  key = chain;
  expect_refused(Reason::malformed, "no private key");
  key = "";
  expect_refused(Reason::malformed, "no private key");
  key = std::string(5000, 'k');
  expect_refused(Reason::too_big, "a key 4095");
  key = good;
  chain = std::string(12'288, 'c');
  expect_refused(Reason::too_big, "12287 bytes of PEM");
  chain = key;
  expect_refused(Reason::malformed, "no certificates");
  chain = file("leaf").substr(0, 100);
  expect_refused(Reason::malformed, "no certificates");
  chain = file("leaf");
  now.unix_ms += 31 * kDayMs;
  expect_refused(Reason::expired, "has expired");
  now = kNow;
  Identity of_later;
  ASSERT_TRUE(open(of_later));
  chain = of_later.certificate();
  key = of_later.key();
  now.unix_ms -= 2 * kDayMs;
  expect_refused(Reason::expired, "not valid yet");
}

TEST_F(AdoptTest, InTheStateItIsToldWhereItBelongs) {
  store.records = {{"key", key}, {"certificate", chain}};
  const auto records = store.records;
  Identity identity;
  const Result<void> opened = open(identity);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::conflict);
  expect_has(std::string{opened.error().detail.view()}, "--certificate and --key");
  EXPECT_EQ(store.records, records);
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
