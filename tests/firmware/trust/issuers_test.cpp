#include "trust/issuers.hpp"

#include "firmware/trust/token_bench.hpp"

namespace signalbox::trust {
namespace {

/// A device that takes the tokens of a house as well.
struct IssuersTest : TokenBench {
  IssuersTest() {
    EXPECT_TRUE(house.make(random));
    jwks = R"({"keys":[)" + entry("house-1") + "]}";
    EXPECT_TRUE(believing.open(store, entropy, {.issuers = jwks}));
  }
  std::string entry(std::string_view id) const {
    const auto half = [this](std::size_t at) {
      return encoded({reinterpret_cast<const char*>(house.public_key().data()) + at, 32});
    };
    return R"({"kty":"EC","crv":"P-256","use":"sig","x":")" + half(1) + R"(","y":")" + half(33) +
           R"(","kid":")" + std::string{id} + "\"}";
  }
  std::string token(std::string_view jti = "h-7", std::int64_t lives_s = 600) {
    return forge(house, R"({"alg":"ES256","kid":"house-1"})",
                 R"({"sub":"ann","aud":"bench","jti":")" + std::string{jti} +
                     R"(","scope":"read:# admin","iat":)" + std::to_string(kNow_s) + R"(,"exp":)" +
                     std::to_string(kNow_s + lives_s) + "}");
  }
  Reason reason(const std::string& its) {
    const Result<Principal> who = believing.check(its, here());
    told = who ? "" : std::string{who.error().detail.view()};
    return who ? Reason::internal : who.error().reason;
  }

  SigningKey house;
  std::string jwks;
  Tokens believing;
};

TEST_F(IssuersTest, TheirTokensAreTakenWhereTheirKeysAre) {
  const Result<Principal> ann = believing.check(token(), here());
  ASSERT_TRUE(ann);
  EXPECT_EQ(ann->name.view(), "ann");
  EXPECT_EQ(ann->key.view(), "house-1");
  EXPECT_EQ(ann->credential.view(), "h-7");
  EXPECT_EQ(refused(token()), Reason::unauthenticated) << "without the option";
}

TEST_F(IssuersTest, NoTokenIsGoodForEver) {
  EXPECT_TRUE(believing.check(token("a", Tokens::kForeignLifetimeMax_s), here()));
  EXPECT_EQ(reason(token("a", Tokens::kForeignLifetimeMax_s + 1)), Reason::unauthenticated);
  EXPECT_NE(told.find("31 days"), std::string::npos);
}

TEST_F(IssuersTest, TheirAdministratorsGiveOutNothingThatOutlivesThem) {
  const Principal ann = *believing.check(token(), here());
  const auto issued = believing.issue(ann, "panel", Scope{Role::viewer}, 100'000, here());
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->principal.expires_s, kNow_s + 600);
  EXPECT_EQ(believing.refresh(ann, here()).error().reason, Reason::forbidden);
  EXPECT_EQ(believing.refresh(issued->principal, here()).error().reason, Reason::forbidden);
}

TEST_F(IssuersTest, OneOfTheirsIsRevokedForAsLongAsItCouldLive) {
  const Principal ann = *believing.check(token("lost"), here());
  ASSERT_TRUE(believing.revoke("lost", admin, here()));
  EXPECT_TRUE(believing.is_revoked(ann));
  EXPECT_EQ(reason(token("lost")), Reason::unauthenticated);
  EXPECT_EQ(reason(token("other")), Reason::internal) << "let in";
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy, {.issuers = jwks}));
  EXPECT_FALSE(later.check(token("lost"), here()));
}

TEST_F(IssuersTest, TheirKeyIsRevokedWithAllItSignsAndOursDoesNotBringItBack) {
  const Principal ann = *believing.check(token(), here());
  const auto revoked = believing.revoke("house-1", ann, here());
  ASSERT_TRUE(revoked);
  EXPECT_FALSE(revoked->has_value()) << "nothing is given for it";
  EXPECT_TRUE(believing.is_revoked(ann));
  EXPECT_EQ(reason(token("other")), Reason::unauthenticated);
  ASSERT_TRUE(believing.revoke(believing.key_id(), admin, here()));
  EXPECT_EQ(reason(token("other")), Reason::unauthenticated) << "stays refused with another key of ours";
}

TEST_F(IssuersTest, WhatIsNoKeySetIsToldWithItsPlace) {
  Issuers issuers;
  EXPECT_TRUE(issuers.read(""));
  EXPECT_EQ(issuers.find(""), nullptr);
  const std::string good = entry("k");
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string its = good;
    return R"({"keys":[)" + its.replace(its.find(from), from.size(), to) + "]}";
  };
  const std::pair<std::string, const char*> wrong[] = {
      {"{", ""},
      {"[]", "keys"},
      {R"({"keys":[]})", "keys"},
      {R"({"keys":[7]})", "keys[0]"},
      {R"({"keys":[)" + good + "," + good + "]}", "keys[1].kid"},
      {changed(R"("kty":"EC")", R"("kty":"RSA")"), "keys[0].kty"},
      {changed(R"("crv":"P-256")", R"("crv":"P-384")"), "keys[0].crv"},
      {changed(R"("kid":"k")", R"("kid":"")"), "keys[0].kid"},
      {changed(R"("x":")", R"("x":"A)"), "keys[0].x"},
      {changed(R"("y":")", R"("z":")"), "keys[0].y"},
  };
  for (const auto& [text, field] : wrong) {
    const Result<void> read = issuers.read(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().field.view(), field) << text;
    EXPECT_EQ(issuers.find("k"), nullptr) << "half a set lets nobody in";
  }
}

}  // namespace
}  // namespace signalbox::trust
