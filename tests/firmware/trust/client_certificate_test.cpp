#include "trust/client_certificate.hpp"

#include <ctime>
#include <gtest/gtest.h>
#include <string>

#include "firmware/trust/identity_case.hpp"

namespace signalbox::trust {
namespace {

/// An authority of clients, as openssl makes it.
class ClientCertificateTest : public IdentityCase {
 protected:
  void SetUp() override {
    IdentityCase::SetUp();
    now = WallTime{std::time(nullptr) * std::int64_t{1000}};
    make("ca", "/CN=clients");
  }

  void make(const std::string& name, const std::string& subject) {
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout " + name +
            ".key -out " + name + " -subj '" + subject + "'");
    openssl("x509 -in " + name + " -outform DER -out " + name + ".der");
  }
  std::optional<Principal> of(const std::string& subject) {
    make("client", subject);
    const std::string der = file("client.der");
    return principal_of({reinterpret_cast<const unsigned char*>(der.data()), der.size()});
  }
  std::string list_of(const std::string& authority, const std::string& days) {
    std::ofstream{folder / "ca.conf"} << "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\n";
    const std::ofstream index{folder / "index"};  // it has to be there
    openssl("ca -config ca.conf -cert " + authority + " -keyfile " + authority +
            ".key -gencrl -out list -crldays " + days);
    return file("list");
  }
};

TEST_F(ClientCertificateTest, TheSubjectIsNameAndRole) {
  const std::optional<Principal> viewer = of("/CN=alice@example.org/O=Works/OU=viewer");
  ASSERT_TRUE(viewer);
  EXPECT_EQ(viewer->name.view(), "alice@example.org");
  EXPECT_TRUE(viewer->may(Right::read, "cabin/fan"));
  EXPECT_FALSE(viewer->may(Right::control, "cabin/fan"));
  EXPECT_FALSE(viewer->may(Right::administer, "cabin/fan"));
  EXPECT_NEAR(static_cast<double>(viewer->expires_s),
              static_cast<double>(now.unix_ms) / 1000.0 + 30.0 * 86'400.0, 60.0);

  const std::optional<Principal> person = of("/OU=Hall 3/OU=operator/CN=bob");
  ASSERT_TRUE(person);
  EXPECT_TRUE(person->may(Right::control, "cabin/fan"));
  EXPECT_FALSE(person->may(Right::administer, "cabin/fan"));

  const std::optional<Principal> admin = of("/CN=carol/OU=admin");
  ASSERT_TRUE(admin);
  EXPECT_TRUE(admin->may(Right::administer, "cabin/fan"));
}

TEST_F(ClientCertificateTest, EachHasAnIdOfItsOwn) {
  const std::optional<Principal> first = of("/CN=alice/OU=viewer");
  const std::optional<Principal> second = of("/CN=alice/OU=viewer");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->certificate.size(), 43U);
  EXPECT_NE(first->certificate, second->certificate) << "the same name, another serial number";
  make("client", "/CN=alice/OU=viewer");
  const std::string der = file("client.der");
  const std::span bytes{reinterpret_cast<const unsigned char*>(der.data()), der.size()};
  EXPECT_EQ(principal_of(bytes)->certificate, principal_of(bytes)->certificate);
}

TEST_F(ClientCertificateTest, AnAuthorityIsACertificate) {
  for (const std::string_view none :
       {"", "not PEM", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"})
    EXPECT_EQ(check_authorities(none).error().reason, Reason::malformed) << none;
  make("client", "/CN=alice/OU=viewer");
  EXPECT_TRUE(check_authorities(file("client")));
}

TEST_F(ClientCertificateTest, WhatIsNotClearIsNobody) {
  for (const std::string subject :
       {"/CN=alice", "/OU=admin", "/CN=alice/OU=root", "/CN=alice/OU=Admin", "/CN=alice/OU=admin ",
        "/CN=alice/OU=viewer/OU=admin", "/CN=alice/CN=owner/OU=viewer", "/CN=two words/OU=viewer",
        "/CN=a\\\"b/OU=viewer", "/CN=a~b/OU=viewer", "/CN=a[b/OU=viewer", "/CN=a:b/OU=viewer",
        "/CN=a!b/OU=viewer", "/CN=abcdefghijklmnopqrstuvwxyz012345/OU=viewer", "/CN=alice/O=admin"})
    EXPECT_FALSE(of(subject)) << subject;
  EXPECT_TRUE(of("/CN=abcdefghijklmnopqrstuvwxyz01234/OU=viewer"));
  EXPECT_EQ(of("/DC=org/emailAddress=a@b.example/CN=Zed-9_a.B@x/OU=viewer")->name.view(), "Zed-9_a.B@x");
  EXPECT_FALSE(principal_of({}));
}

TEST_F(ClientCertificateTest, ANulInANameIsNobody) {
  make("client", "/CN=alice/OU=viewer");
  std::string der = file("client.der");
  const std::size_t at = der.rfind("alice");
  ASSERT_NE(at, std::string::npos);
  der[at + 2] = '\0';
  EXPECT_FALSE(principal_of({reinterpret_cast<const unsigned char*>(der.data()), der.size()}));
}

TEST_F(ClientCertificateTest, ListsOfRevokedCertificates) {
  const std::string list = list_of("ca", "30");
  const Result<std::int64_t> ends_s = check_revocations(list, file("ca"), now);
  ASSERT_TRUE(ends_s);
  EXPECT_NEAR(static_cast<double>(*ends_s), static_cast<double>(now.unix_ms + 30 * kDayMs) / 1000, 3600);
  make("other", "/CN=others");
  EXPECT_EQ(check_revocations(list, file("other"), now).error().reason, Reason::mismatch);
  EXPECT_TRUE(check_revocations(list, file("other") + file("ca"), now));
  EXPECT_EQ(check_revocations(list + list_of("other", "30"), file("ca"), now).error().reason,
            Reason::mismatch);
  now.unix_ms += 31 * kDayMs;
  EXPECT_EQ(check_revocations(list, file("ca"), now).error().reason, Reason::expired);
  for (const std::string& bad : {std::string{}, std::string{"rubbish"}, list.substr(0, 100), file("ca")})
    EXPECT_EQ(check_revocations(bad, file("ca"), now).error().reason, Reason::malformed);
  EXPECT_EQ(check_revocations(list, "rubbish", now).error().detail.view(),
            "the authority is no certificate in PEM");
}

}  // namespace
}  // namespace signalbox::trust
