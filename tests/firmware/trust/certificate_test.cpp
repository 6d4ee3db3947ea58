#include "trust/certificate.hpp"

#include <gtest/gtest.h>

#include "firmware/trust/identity_case.hpp"
#include "firmware/trust/scarce_memory.hpp"
#include "trust/subject_names.hpp"

namespace signalbox::trust {
namespace {

class CertificateTest : public IdentityCase {};

TEST_F(CertificateTest, FirstStartMakesAnAuthorityAndACertificateThatOpensslAccepts) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_EQ(identity.certificate(), store.records.at("certificate"));
  EXPECT_EQ(identity.key(), store.records.at("key"));
  EXPECT_EQ(identity.key().data()[identity.key().size()], '\0');
  EXPECT_EQ(identity.certificate().data()[identity.certificate().size()], '\0');
  EXPECT_TRUE(identity.certificate().ends_with(identity.authority()));
  EXPECT_EQ(identity.authority().find("PRIVATE"), std::string_view::npos);

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
  store.records["ca.crt"] = identity.authority();
  const std::string verify = "verify -x509_strict -purpose sslserver -attime 4102444800 -CAfile ca.crt ";
  for (const std::string name : {"-verify_hostname localhost", "-verify_hostname bench.local",
                                 "-verify_ip 127.0.0.1", "-verify_ip 2001:db8::7"}) {
    EXPECT_EQ(openssl(verify + name + " certificate"), "certificate: OK\n") << name;
  }
  expect_has(openssl(verify + "-verify_hostname elsewhere certificate"), "hostname mismatch");
}

TEST_F(CertificateTest, TheAuthorityVouchesForServersOnly) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  store.records["ca.crt"] = identity.authority();
  const std::string text = openssl("x509 -in ca.crt -noout -text");
  expect_has(text, "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0");
  expect_has(text, "X509v3 Key Usage: critical\n                Certificate Sign\n");
  expect_has(text, "Not After : Dec 28 00:00:00 2119 GMT");
  expect_has(text, "Subject: CN = bench Signalbox CA ");
  EXPECT_EQ(openssl("pkey -in authority -pubout"), openssl("x509 -in ca.crt -noout -pubkey"));
  EXPECT_NE(openssl("pkey -in authority -pubout"), openssl("pkey -in key -pubout"));
}

TEST_F(CertificateTest, FingerprintIsTheAuthoritysAsOpensslPrintsIt) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  expect_has(openssl("x509 -in authority -noout -fingerprint -sha256"),
             "Fingerprint=" + std::string{identity.fingerprint()} + "\n");
}

TEST_F(CertificateTest, KeyAndCertificateBelongTogether) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_EQ(openssl("pkey -in key -pubout"), openssl("x509 -in certificate -noout -pubkey"));
  EXPECT_EQ(openssl("pkey -in key -check -noout"), "Key is valid\n");
}

TEST_F(CertificateTest, LastsAsLongAsBrowsersTake) {
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_EQ(openssl("x509 -in certificate -noout -dates"),
            "notBefore=Dec 31 00:00:00 2099 GMT\nnotAfter=Feb  1 00:00:00 2101 GMT\n");
  EXPECT_EQ(identity.term().ends_s - identity.term().begins_s, 397 * kDaySeconds);
}

TEST_F(CertificateTest, NamesNoCertificateCanHoldAreLeftOutWithAWarning) {
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

TEST_F(CertificateTest, MoreNamesThanFitAreLeftOutWithAWarning) {
  std::vector<std::string> many;
  many.reserve(30);
  for (int i = 0; i < 30; ++i) many.push_back("host" + std::to_string(i) + ".example");
  hosts.assign(many.begin(), many.end());
  Identity identity;
  ASSERT_TRUE(open(identity));
  expect_has(last_log, "full");
  expect_has(openssl("x509 -in certificate -noout -ext subjectAltName"), "DNS:localhost");
}

TEST_F(CertificateTest, NamesOfAllKindsThatCanStandThereDoOnceEach) {
  hosts = {"BENCH-2_z.Example.org", "bench", "bench", "localhost", "0", "abcd", "z9"};
  addresses = {"192.0.2.7", "97.98.99.100", "127.0.0.1"};  // bytes like those of `abcd`
  Identity identity;
  ASSERT_TRUE(open(identity));
  EXPECT_TRUE(last_log.empty()) << last_log;
  expect_has(openssl("x509 -in certificate -noout -ext subjectAltName"),
             "\n    IP Address:97.98.99.100, IP Address:192.0.2.7, DNS:z9.local, DNS:z9, DNS:abcd.local, "
             "DNS:abcd, DNS:0.local, DNS:0, DNS:bench.local, DNS:bench, DNS:BENCH-2_z.Example.org, "
             "IP Address:0:0:0:0:0:0:0:1, IP Address:127.0.0.1, DNS:localhost\n");
  expect_has(openssl("x509 -in certificate -noout -subject"), "CN = BENCH-2_z.Example.org\n");
}

TEST_F(CertificateTest, EachCharacterBesideThoseOfAHostNameLeavesItOut) {
  for (const std::string bad : {"x.", "a..b", "a/b", "a:b", "a@b", "a[b", "a`b", "a{b", "a,b", "a\xC3\xBC"}) {
    store.records.clear();
    last_log.clear();
    hosts = {bad};
    Identity identity;
    ASSERT_TRUE(open(identity)) << bad;
    expect_has(last_log, "left out the name '" + bad + "': no host name");
    expect_has(openssl("x509 -in certificate -noout -subject"), "subject=CN = localhost\n");
  }
}

TEST_F(CertificateTest, AnAddressIsOneThatACertificateHolds) {
  for (const char* good : {"192.0.2.7", "::1", "2001:db8::7"}) EXPECT_TRUE(is_address(good)) << good;
  const std::string long_one(64, '1');
  for (const std::string& bad : {std::string{}, std::string{"bench"}, std::string{"fe80::1%eth0"}, long_one})
    EXPECT_FALSE(is_address(bad)) << bad;
}

/// What is made without a store around it.
class MakingTest : public CertificateTest {
 protected:
  void SetUp() override {
    CertificateTest::SetUp();
    ASSERT_TRUE(random.seed(entropy));
    ASSERT_TRUE(make_key(key, random, text));
    ASSERT_TRUE(make_the_authority());
    ASSERT_EQ(mbedtls_x509_crt_parse(authority.get(), reinterpret_cast<const unsigned char*>(text.data()),
                                     size + 1),
              0);
  }
  Written make_the_authority() {
    const Written made = make_authority(key, {hosts, addresses}, now, random, text);
    if (made) size = *made;
    return made;
  }
  Written make_the_leaf() {
    return make_leaf(key, key, *authority.get(), {hosts, addresses}, now, random, text);
  }
  static void expect_failed(const Error& error, const char* what) {
    EXPECT_EQ(error.reason, Reason::failed);
    expect_has(std::string{error.detail.view()}, std::string{"cannot make "} + what + ": mbedTLS error -0x");
  }

  Random random;
  Key key;
  Certificate authority;
  std::size_t size = 0;
  std::array<char, 4096> text{};
};

TEST_F(MakingTest, WithoutMemoryItIsToldWhatCouldNotBeMade) {
  attempt_in_scarce_memory(
      [&] {
        Key another;
        return make_key(another, random, text);
      },
      [](const Error& error) { expect_failed(error, "a key"); });
  attempt_in_scarce_memory([&] { return make_the_authority(); },
                           [](const Error& error) { expect_failed(error, "an authority"); });
  attempt_in_scarce_memory([&] { return make_the_leaf(); },
                           [](const Error& error) { expect_failed(error, "a certificate"); });
}

TEST_F(MakingTest, WithoutRandomnessItIsToldWhatCouldNotBeMade) {
  run_dry(random, entropy);
  Key another;
  expect_failed(make_key(another, random, text).error(), "a key");
  expect_failed(make_the_authority().error(), "an authority");
  expect_failed(make_the_leaf().error(), "a certificate");
}

}  // namespace
}  // namespace signalbox::trust
