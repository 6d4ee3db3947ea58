#include "trust/issuers.hpp"

#include "firmware/trust/jwk.hpp"
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
  std::string entry(std::string_view id) const { return jwk_of(house, id); }
  std::string token(std::string_view jti = "h-7", std::int64_t lives_s = 600, std::int64_t made_s = kNow_s) {
    return forge(house, R"({"alg":"ES256","kid":"house-1"})",
                 R"({"sub":"ann","aud":"bench","jti":")" + std::string{jti} +
                     R"(","scope":"read:# admin","iat":)" + std::to_string(made_s) + R"(,"exp":)" +
                     std::to_string(made_s + lives_s) + "}");
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
  EXPECT_EQ(reason(token("a", 600, kNow_s + Tokens::kIssuerAhead_s)), Reason::internal) << "let in";
  EXPECT_EQ(reason(token("a", 600, kNow_s + Tokens::kIssuerAhead_s + 1)), Reason::unauthenticated);
  EXPECT_EQ(told,
            "the token was made on 2026-11-28 14:31:41 UTC, which is in the future here: is the issuer's "
            "clock right?");
}

TEST_F(IssuersTest, ARevocationLastsAsLongAsTheTokenCould) {
  constexpr std::int64_t kMade_s = kNow_s + Tokens::kIssuerAhead_s;
  const std::string longest = token("lost", Tokens::kForeignLifetimeMax_s, kMade_s);
  ASSERT_TRUE(believing.revoke("lost", admin, here()));
  for (std::size_t i = 1; i < Grants::kTokensRefusedMax; ++i)  // no free place: what is over gives way
    ASSERT_TRUE(believing.revoke(format_text<43>("%zu", i), admin, here()));
  const Here last = here(kMade_s + Tokens::kForeignLifetimeMax_s - 1);
  EXPECT_FALSE(believing.revoke("one more", admin, last)) << "not yet over";
  EXPECT_FALSE(believing.check(longest, last));
  EXPECT_EQ(std::string{believing.check(longest, last).error().detail.view()}, "the token was revoked");
}

TEST_F(IssuersTest, HoweverManyOfTheirsAreRevokedTheirKeyCanBeAndOursCanBeGivenOut) {
  for (std::size_t i = 0; i < Grants::kTokensRefusedMax; ++i)
    ASSERT_TRUE(believing.revoke(format_text<43>("%zu", i), admin, here()));
  const auto full = believing.revoke("one more", admin, here());
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().reason, Reason::overloaded);
  EXPECT_NE(full.error().detail.view().find("revoke the issuer's key"), std::string_view::npos);
  EXPECT_TRUE(believing.issue(admin, "ours", Scope{Role::viewer}, 100, here()));
  ASSERT_TRUE(believing.revoke("house-1", admin, here()));
  EXPECT_TRUE(believing.revoke("one more", admin, here()))
      << "the key's refusal stands for those of its tokens";
}

TEST_F(IssuersTest, ARevocationLastsNoLongerThanATokenThatIsKnown) {
  const Principal ann = *believing.check(token("short", 100), here());
  ASSERT_TRUE(believing.revoke("short", admin, here(), &ann));
  EXPECT_EQ(believing.grants().back().expires_s, kNow_s + 100);
  EXPECT_EQ(believing.grants().back().key.view(), "house-1");
}

TEST_F(IssuersTest, TheirAdministratorsGiveOutNothingThatOutlivesThem) {
  const Principal ann = *believing.check(token(), here());
  const auto issued = believing.issue(ann, "panel", Scope{Role::viewer}, 100'000, here());
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->principal.expires_s, kNow_s + 600);
  EXPECT_EQ(believing.refresh(ann, here(), now).error().reason, Reason::forbidden);
  EXPECT_EQ(believing.refresh(issued->principal, here(), now).error().reason, Reason::forbidden);
}

TEST_F(IssuersTest, AnIdLikeOneOfOursMakesTheirTokenNotOurs) {
  const auto ours = believing.issue(admin, "panel", Scope{Role::viewer}, 60, here());
  ASSERT_TRUE(ours);
  const std::string id{ours->principal.credential};
  const Principal ann = *believing.check(token(id), here());
  EXPECT_EQ(believing.refresh(ann, here(kNow_s + 50), now).error().reason, Reason::forbidden)
      << "the token of the panel";
  const auto replaced = believing.revoke(believing.key_id(), ann, here());
  ASSERT_TRUE(replaced);
  EXPECT_FALSE(replaced->has_value()) << "the key had not signed theirs";
}

TEST_F(IssuersTest, OneOfTheirsIsRevokedForAsLongAsItCouldLive) {
  const Principal ann = *believing.check(token("lost"), here());
  ASSERT_TRUE(believing.revoke("lost", admin, here()));
  EXPECT_TRUE(believing.is_revoked(ann));
  EXPECT_EQ(reason(token("lost")), Reason::unauthenticated);
  EXPECT_EQ(reason(token("other")), Reason::internal) << "let in";
  believing.save(now);
  ASSERT_TRUE(*believing.step(now));
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy, {.issuers = jwks}));
  EXPECT_FALSE(later.check(token("lost"), here()));
}

TEST_F(IssuersTest, WhatCannotBeAnIdIsNotRevoked) {
  for (const std::string& id : {std::string{}, std::string(44, 'i')})
    EXPECT_EQ(believing.revoke(id, admin, here()).error().reason, Reason::not_found) << id;
  EXPECT_TRUE(believing.grants().empty());
  EXPECT_TRUE(believing.revoke(std::string(43, 'i'), admin, here()));
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
      {changed(R"("x":")", R"("x":"AA","X":")"), "keys[0].x"},
      {changed(R"("y":")", R"("y":"=","Y":")"), "keys[0].y"},
      {changed(R"("kty":"EC")", R"("kty":7)"), "keys[0].kty"},
      {changed(R"("crv":"P-256",)", ""), "keys[0].crv"},
      {changed(R"(,"kid":"k")", ""), "keys[0].kid"},
      {changed(R"("x":")", R"("x":")" + std::string(43, 'A') + R"(","X":")"), "keys[0].x"},  // off the curve
  };
  for (const auto& [text, field] : wrong) {
    const Result<void> read = issuers.read(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().field.view(), field) << text;
    EXPECT_EQ(issuers.find("k"), nullptr) << "half a set lets nobody in";
  }
}

TEST_F(IssuersTest, TheOnlyKeyIsOneThatStandsAlone) {
  Issuers issuers;
  EXPECT_TRUE(issuers.only().empty());
  ASSERT_TRUE(issuers.read(jwks));
  EXPECT_EQ(issuers.only().view(), "house-1");
  ASSERT_TRUE(issuers.read(R"({"keys":[)" + entry("a") + "," + entry("b") + "]}"));
  EXPECT_TRUE(issuers.only().empty());
  EXPECT_NE(issuers.find("b"), nullptr);
  ASSERT_TRUE(issuers.read(""));
  EXPECT_EQ(issuers.find("b"), nullptr) << "as the last one read says";
}

}  // namespace
}  // namespace signalbox::trust
