#include "trust/jwt.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

#include "firmware/trust/token_bench.hpp"

namespace signalbox::trust {
namespace {

/// Tokens that must not be taken, though most of them are signed by the device's own key.
struct JwtTest : TokenBench {
  JwtTest() {
    good = issue("panel", "read:cabin/#");
    take_key(key);
    claims = claims_of(good);
  }
  /// The good claims, one thing of them changed.
  std::string with(std::string_view old_text, std::string_view new_text) const {
    std::string changed = claims;
    const std::size_t at = changed.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return changed.replace(at, old_text.size(), new_text);
  }
  Reason refused_claims(const std::string& its) { return refused(forge(key, std::string{kHeader}, its)); }
  Reason refused_header(const std::string& its) { return refused(forge(key, its, claims)); }

  SigningKey key;
  std::string good;
  std::string claims;
};

TEST_F(JwtTest, TheForgersToolsWriteTokensThatAreTaken) {
  ASSERT_TRUE(tokens.check(good, here()));
  EXPECT_TRUE(tokens.check(forge(key, std::string{kHeader}, claims), here()));
  EXPECT_TRUE(tokens.check(forge(key, R"({"kid":"KID","alg":"ES256"})", claims), here())) << "another order";
  EXPECT_TRUE(tokens.check(
      forge(key, std::string{kHeader}, with(R"("aud":"bench")", R"("aud":["else","bench"],"more":{"x":1})")),
      here()));
}

TEST_F(JwtTest, NoOtherAlgorithmIsKnown) {
  for (const char* algorithm :
       {"none", "None", "NONE", "", "HS256", "ES384", "RS256", "ES256K", "es256", "EdDSA"}) {
    const std::string header = std::string{R"({"alg":")"} + algorithm + R"(","kid":"KID"})";
    EXPECT_EQ(refused_header(header), Reason::unauthenticated) << algorithm;
    EXPECT_NE(told.find("alg"), std::string::npos) << told;
    std::string unsigned_one = forge(key, header, claims);
    unsigned_one.resize(unsigned_one.rfind('.') + 1);
    EXPECT_EQ(refused(unsigned_one), Reason::unauthenticated);
  }
  EXPECT_EQ(refused_header(R"({"kid":"KID"})"), Reason::unauthenticated);
  EXPECT_EQ(refused_header(R"({"alg":256,"kid":"KID"})"), Reason::unauthenticated);
  EXPECT_EQ(refused_header(R"({"alg":"none","alg":"ES256","kid":"KID"})"), Reason::unauthenticated)
      << "twice";
  EXPECT_EQ(refused_header(R"({"alg":"ES256","kid":"KID","crit":["b64"],"b64":false})"),
            Reason::unauthenticated);
  EXPECT_EQ(refused_header(R"([{"alg":"ES256","kid":"KID"}])"), Reason::unauthenticated);
}

TEST_F(JwtTest, OnlyKnownKeysSign) {
  SigningKey foreign;
  ASSERT_TRUE(foreign.make(random));
  EXPECT_EQ(refused(forge(foreign, std::string{kHeader}, claims)), Reason::unauthenticated);
  EXPECT_EQ(told, "the token was changed: its signature is not that of its key");
  EXPECT_EQ(
      refused(forge(foreign, R"({"alg":"ES256","kid":")" + std::string{id_of(foreign.public_key())} + "\"}",
                    claims)),
      Reason::unauthenticated);
  EXPECT_NE(told.find("kid"), std::string::npos);
  EXPECT_EQ(refused_header(R"({"alg":"ES256"})"), Reason::unauthenticated);
  EXPECT_EQ(refused_header(R"({"alg":"ES256","kid":"../key"})"), Reason::unauthenticated);
  EXPECT_EQ(refused_header(R"({"alg":"ES256","jwk":{"kty":"EC"},"kid":"mine"})"), Reason::unauthenticated)
      << "a key that the token brings along is nobody's";
}

TEST_F(JwtTest, ClaimsThatAreMissingOrWrongAreToldByName) {
  const std::pair<std::string, const char*> wrong[] = {
      {with(R"("sub":"panel",)", ""), "sub"},
      {with(R"("sub":"panel")", R"("sub":"")"), "sub"},
      {with(R"("sub":"panel")", R"("sub":"a\u0022b")"), "sub"},
      {with(R"("sub":"panel")", R"("sub":"a\nb")"), "sub"},
      {with(R"("sub":"panel")", R"("sub":")" + std::string(32, 'a') + '"'), "sub"},
      {with(R"("sub":"panel")", R"("sub":"panel","sub":"owner")"), "sub"},
      {with(R"("scope":"read:cabin/#")", R"("scope":"read:*")"), "scope"},
      {with(R"("scope":"read:cabin/#")", R"("scope":["admin"])"), "scope"},
      {with(R"("scope":"read:cabin/#")", R"("scope":"read:cabin/#","scope":"admin")"), "scope"},
      {with(R"("exp":)", R"("exp":"1",")"), "exp"},
      {with(R"("exp":1795877000)", R"("exp":1e300)"), "exp"},
      {with(R"("exp":1795877000)", R"("exp":-1)"), "exp"},
      {with(R"("exp":1795877000)", R"("exp":1795877000.5)"), "exp"},
      {with(R"("exp":1795877000)", R"("exp":null)"), "exp"},
      {with(R"("iat":1795876000,)", ""), "iat"},
      {with(R"("jti":)", R"("jto":)"), "jti"},
      {with(R"("aud":"bench",)", ""), "aud"},
      {with(R"("aud":"bench")", R"("aud":[])"), "aud"},
      {with(R"("aud":"bench")", R"("aud":[7])"), "aud"},
      {with(R"("iat")", R"("nbf":"x","iat")"), "nbf"},
      {"[]", "sub"},
      {"{", ""},
      {"", ""},
  };
  for (const auto& [its, member] : wrong) {
    EXPECT_EQ(refused_claims(its), Reason::unauthenticated) << its;
    EXPECT_NE(told.find(member), std::string::npos) << told;
  }
}

TEST_F(JwtTest, AnotherDeviceAnotherTimeAnotherGrant) {
  EXPECT_EQ(refused_claims(with(R"("aud":"bench")", R"("aud":"bench-2")")), Reason::unauthenticated);
  EXPECT_NE(told.find("another device"), std::string::npos);
  EXPECT_EQ(refused_claims(with(R"("aud":"bench")", R"("aud":"Bench")")), Reason::unauthenticated);
  EXPECT_EQ(refused_claims(with(R"("iat")", R"("nbf":1795876001,"iat")")), Reason::unauthenticated);
  EXPECT_EQ(told, "the token is not valid before 2026-11-28 14:26:41 UTC");
  EXPECT_TRUE(
      tokens.check(forge(key, std::string{kHeader}, with(R"("iat")", R"("nbf":1795876000,"iat")")), here()));
  EXPECT_EQ(refused_claims(with(R"("jti":")", R"("jti":"x)")), Reason::unauthenticated);
  EXPECT_NE(told.find("jti"), std::string::npos) << "even our own key signs nothing that we did not give out";
}

TEST_F(JwtTest, ALeakedKeySignsNoOtherNameNorRightsNorTime) {
  const Principal panel = *tokens.check(good, here());
  for (const auto& [old_text, new_text] :
       {std::pair{R"("sub":"panel")", R"("sub":"owner")"},
        std::pair{R"("scope":"read:cabin/#")", R"("scope":"read:# control:# admin")"},
        std::pair{R"("exp":1795877000)", R"("exp":1895877000)"}}) {
    const auto who = tokens.check(forge(key, std::string{kHeader}, with(old_text, new_text)), here());
    ASSERT_TRUE(who) << new_text;
    EXPECT_EQ(*who, panel) << new_text;
  }
  EXPECT_EQ(refused(forge(key, std::string{kHeader}, with(R"("exp":1795877000)", R"("exp":1895877000)")),
                    here(kNow_s + 1000)),
            Reason::unauthenticated);
}

TEST_F(JwtTest, WhatIsNoTokenIsRefusedInItsPlace) {
  const std::size_t dot = good.find('.');
  const std::size_t last = good.rfind('.');
  for (const std::string& wrong :
       {std::string{}, std::string{"."}, std::string{".."}, std::string{"a.b.c"}, good + ".x", good + "=",
        good.substr(0, last), good.substr(0, last + 1), good.substr(last), "." + good, good + " ", " " + good,
        good.substr(0, dot) + good.substr(dot + 1), std::string(kTokenBytesMax, '.'),
        std::string(1 << 20, 'a'), good + std::string(kTokenBytesMax, 'A'),
        good.substr(0, last + 1) + std::string(86, 'A')})
    EXPECT_EQ(refused(wrong), Reason::unauthenticated) << wrong.substr(0, 99);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(refused(good.substr(0, size)), Reason::unauthenticated) << size;
}

TEST_F(JwtTest, EachCharacterCounts) {
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string wrong = good;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.check(wrong, here())) << i;
  }
}

TEST_F(JwtTest, TheLongestNamesAndScopesMakeATokenThatIsTaken) {
  const std::string long_name(31, 'n');
  std::string scope = "read:" + std::string(47, 'a') + " control:" + std::string(47, 'b');
  scope += " read:" + std::string(47, 'c') + " control:";
  scope += std::string(Scope::kBytesMax - scope.size(), 'd');
  ASSERT_EQ(scope.size(), Scope::kBytesMax);
  const auto issued = tokens.issue(admin, long_name, *Scope::parse(scope), 1000,
                                   {std::string_view{long_name}, {kNow_s * 1000}});
  ASSERT_TRUE(issued);
  EXPECT_LT(issued->token.size(), kTokenBytesMax);
  EXPECT_TRUE(tokens.check(std::string{issued->token}, {long_name, {kNow_s * 1000}}));
}

RC_GTEST_FIXTURE_PROP(JwtTest, GarbageInAnyPartIsRefused, (const std::vector<unsigned char>& bytes)) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  RC_ASSERT(!tokens.check(text, here()).has_value());
  RC_ASSERT(!tokens.check(encoded(text) + good.substr(good.find('.')), here()).has_value());
  if (bytes.size() < 500)
    RC_ASSERT(!tokens.check(forge(key, std::string{kHeader}, text), here()).has_value());
}

TEST_F(JwtTest, OneOfSeveralAudiencesIsEnough) {
  for (const char* audiences : {R"(["bench","else"])", R"(["else","bench","more"])", R"(["bench"])"})
    EXPECT_TRUE(tokens.check(forge(key, std::string{kHeader}, with(R"("bench")", audiences)), here()))
        << audiences;
  EXPECT_EQ(refused_claims(with(R"("bench")", R"(["else","Bench"])")), Reason::unauthenticated);
  EXPECT_NE(told.find("another device"), std::string::npos);
}

TEST_F(JwtTest, WhatDoesNotFitIsRefusedAndNotCut) {
  Claims its;
  its.name = "panel";
  its.id = "id";
  its.scope = Scope{Role::viewer};
  std::array<char, kTokenBytesMax> room{};
  const auto write = [&](std::string_view device, std::size_t bytes) {
    return write_jwt(its, device, tokens.key_id(), key, random, std::span{room}.first(bytes));
  };
  const Result<std::string_view> token = write("bench", room.size());
  ASSERT_TRUE(token);
  const std::string whole{*token};
  EXPECT_EQ(*write("bench", whole.size()), whole);
  for (const auto& refused :
       {write("bench", whole.size() - 1), write("bench", 0), write(std::string(500, 'd'), room.size())}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::too_big);
  }
}

TEST_F(JwtTest, NamesAreShortAndQuoteNothing) {
  for (const std::string& name : {std::string{"a"}, std::string(31, 'n'), std::string{"Zo\xC3\xAB d'Or"}})
    EXPECT_TRUE(is_valid_name(name)) << name;
  for (const std::string& name : {std::string{}, std::string(32, 'n'), std::string{"a\nb"},
                                  std::string{"a\"b"}, std::string{"a\\b"}, std::string{"a\0b", 3}})
    EXPECT_FALSE(is_valid_name(name)) << name;
}

}  // namespace
}  // namespace signalbox::trust
