#include "trust/certificate.hpp"

#include <gtest/gtest.h>

#include "firmware/trust/identity_case.hpp"

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

}  // namespace
}  // namespace signalbox::trust
