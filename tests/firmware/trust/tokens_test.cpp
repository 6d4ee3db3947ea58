#include "trust/tokens.hpp"

#include "firmware/trust/token_bench.hpp"

namespace signalbox::trust {
namespace {

struct TokensTest : TokenBench {};

TEST_F(TokensTest, IssuingCanOnlyNarrow) {
  const std::string token = issue("panel", "read:cabin/# control:cabin/heater");
  const Result<Principal> panel = tokens.check(token, here());
  ASSERT_TRUE(panel);
  EXPECT_EQ(panel->scope.text(), "read:cabin/# control:cabin/heater");
  for (const char* wider : {"read:#", "control:cabin/fan", "admin", "read:cabin/# read:host/load"}) {
    const auto issued = tokens.issue(*panel, "friend", *Scope::parse(wider), 100, here());
    ASSERT_FALSE(issued) << wider;
    EXPECT_EQ(issued.error().reason, Reason::forbidden);
  }
  const auto longer = tokens.issue(*panel, "friend", *Scope::parse("read:cabin/fan"), 5000, here());
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->principal.expires_s, panel->expires_s) << "nor for longer";
  EXPECT_EQ(tokens.issue(admin, "", Scope{Role::viewer}, 100, here()).error().reason, Reason::malformed);
  for (const char* name : {"a\nb",
                           "a\xC2\x9B"
                           "b",
                           "\xE2\x80\xAE"
                           "b",
                           "a\xE2\x80\xA8"})
    EXPECT_EQ(tokens.issue(admin, name, Scope{Role::viewer}, 100, here()).error().reason, Reason::malformed);
  EXPECT_TRUE(tokens.issue(admin, "Zo\xC3\xAB", Scope{Role::viewer}, 100, here()));
}

TEST_F(TokensTest, WhatSomebodyGivesOutIsRenewedForNoLongerThanTheyHad) {
  const Principal chief = *tokens.check(issue("chief", "read:# admin", 600), here());
  const auto issued = tokens.issue(chief, "panel", *Scope::parse("read:#"), 30 * Tokens::kDay_s, here());
  ASSERT_TRUE(issued);
  const Principal panel = issued->principal;
  EXPECT_EQ(panel.expires_s, kNow_s + 600);
  const auto again = tokens.refresh(panel, here(kNow_s + 500), now);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->principal.expires_s, kNow_s + 1100) << "as their own would be";
}

TEST_F(TokensTest, WhatEndsForGoodIsHandedOnByNobodyToLastLonger) {
  const Principal certified{"anna", Scope{Role::admin}, {}, {}, kNow_s + 600};
  Principal giver = certified;
  for (const char* name : {"first", "second", "third"}) {
    const auto issued = tokens.issue(giver, name, Scope{Role::admin}, Tokens::kDay_s, here());
    ASSERT_TRUE(issued) << name;
    giver = issued->principal;
    EXPECT_EQ(giver.expires_s, certified.expires_s);
    EXPECT_EQ(tokens.refresh(giver, here(kNow_s + 500), now).error().reason, Reason::forbidden) << name;
  }
}

TEST_F(TokensTest, AnAccountIsWhatATokenOfAKnownKeyClaims) {
  const std::string token = issue("panel", "read:#");
  EXPECT_EQ(tokens.account_of(token).view(), "panel");
  std::string changed = token;
  changed[changed.size() - 20] = changed[changed.size() - 20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(refused(changed), Reason::unauthenticated);
  EXPECT_EQ(tokens.account_of(changed).view(), "panel") << "nothing is believed yet";
  for (const std::string& nobodys : {std::string{}, std::string{"wrong"}, token.substr(1), token + ".x"})
    EXPECT_TRUE(tokens.account_of(nobodys).empty()) << nobodys;
  MemoryStore elsewhere;
  Tokens others;
  ASSERT_TRUE(others.open(elsewhere, entropy));
  EXPECT_TRUE(others.account_of(token).empty()) << "of a key that is not theirs";
  EXPECT_TRUE(Tokens{}.account_of(token).empty());
}

TEST_F(TokensTest, TimeDecidesWhatATokenIsWorth) {
  const std::string token = issue("panel", "read:#", 1000);
  EXPECT_TRUE(tokens.check(token, here(kNow_s + 999)));
  EXPECT_EQ(refused(token, here(kNow_s + 1000)), Reason::unauthenticated);
  EXPECT_EQ(told, "the token expired on 2026-11-28 14:43:20 UTC");
}

TEST_F(TokensTest, BeforeTheClockIsSetNothingIsDecided) {
  MemoryStore fresh;
  Tokens unset;
  ASSERT_TRUE(unset.open(fresh, entropy, {.earliest_s = kNow_s}));
  const auto early = unset.claim(unset.claim_code(), "owner", here(kNow_s - 1));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, Reason::offline);
  EXPECT_TRUE(is_temporary(early.error().reason));
  EXPECT_GT(early.error().retry_after_ms, 0U);
  const auto issued = unset.claim(unset.claim_code(), "owner", here());
  ASSERT_TRUE(issued) << "the code was not used up";
  const std::string token{issued->token};
  EXPECT_EQ(unset.check(token, here(0)).error().reason, Reason::offline) << "1970";
  EXPECT_TRUE(unset.check(token, here()));

  const std::string another = issue("panel", "read:#");
  EXPECT_TRUE(tokens.check(another, here(kNow_s - 3600))) << "a clock that is put right";
  EXPECT_EQ(refused(another, here(kNow_s - 2 * Tokens::kDay_s)), Reason::offline)
      << "time has come further than that once";
}

TEST_F(TokensTest, AClockThatWasFarAheadOnceIsPutRightAtTheDevice) {
  constexpr std::int64_t kLater_s = kNow_s + 10 * 366 * Tokens::kDay_s;
  const auto ahead = tokens.claim(tokens.claim_code(), "owner", here(kLater_s));
  ASSERT_TRUE(ahead) << "claimed with a wrong clock";
  const std::string first{ahead->token};
  EXPECT_EQ(refused(first), Reason::offline);
  EXPECT_EQ(
      told,
      "the device's clock is not set: it reads 2026-11-28 14:26:40 UTC; tokens count once it is right; it "
      "was 2036-12-05 14:26:40 UTC once: if wrongly so, put an empty file `reopen-claim` in the state "
      "directory "
      "and restart");
  ASSERT_TRUE(saves());
  store.records["reopen-claim"] = "";
  Tokens reopened;
  ASSERT_TRUE(reopened.open(store, entropy, {.earliest_s = kNow_s}));
  EXPECT_TRUE(reopened.check(first, here()));
  EXPECT_EQ(reopened.check(first, here(kNow_s - 1)).error().reason, Reason::offline) << "this it cannot be";
  const auto again = reopened.claim(reopened.claim_code(), "owner", here());
  ASSERT_TRUE(again);
  const std::string second{again->token};
  ASSERT_TRUE(saves(reopened));
  Tokens restarted;
  ASSERT_TRUE(restarted.open(store, entropy));
  for (const std::string& token : {first, second}) {
    EXPECT_TRUE(restarted.check(token, here())) << "from now on, without the file";
    EXPECT_FALSE(restarted.check(token, here(kNow_s + 366 * Tokens::kDay_s))) << "for a year from now";
  }
  EXPECT_EQ(restarted.check(second, here(kNow_s - 2 * Tokens::kDay_s)).error().reason, Reason::offline);
}

TEST_F(TokensTest, RefreshingGivesTheSameForAsLongAgain) {
  const std::string token = issue("panel", "read:#", 1000);
  const Principal panel = *tokens.check(token, here());
  const auto again = tokens.refresh(panel, here(kNow_s + 900), now);
  ASSERT_TRUE(again);
  const std::string second{again->token};
  EXPECT_NE(second, token);
  EXPECT_TRUE(again->principal.is_like(panel));
  EXPECT_EQ(again->principal.expires_s, kNow_s + 1900);
  EXPECT_TRUE(tokens.check(second, here(kNow_s + 1899)));
  EXPECT_FALSE(tokens.check(token, here(kNow_s + 1000))) << "the first one lives no longer";
  ASSERT_TRUE(tokens.revoke(panel.credential, admin, here(kNow_s + 900)));
  EXPECT_FALSE(tokens.check(second, here(kNow_s + 901))) << "revoked with it";
  EXPECT_EQ(tokens.refresh(Principal{"ann", Scope{Role::admin}}, here(), now).error().reason,
            Reason::forbidden);
}

TEST_F(TokensTest, RefreshingIsDoneOnceAMinuteForLong) {
  const Principal panel = *tokens.check(issue("panel", "read:#", 1000), here());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(tokens.refresh(panel, here(), now)) << i;
  ASSERT_TRUE(saves());
  now += from_ms(59'000);
  const auto early = tokens.refresh(panel, here(), now);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, Reason::busy);
  EXPECT_FALSE(tokens.is_changed()) << "nothing is to be written";
  EXPECT_NEAR(early.error().retry_after_ms, 1000, 1);
  EXPECT_EQ(early.error().detail.view(), "it was renewed several times just now");
  now += from_ms(1000);
  EXPECT_TRUE(tokens.refresh(panel, here(), now));
  EXPECT_EQ(tokens.refresh(panel, here(), now).error().reason, Reason::busy);
  const Principal another = *tokens.check(issue("another", "read:#", 60), here());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(tokens.refresh(another, here(), now)) << i;
  EXPECT_FALSE(tokens.refresh(another, here(), now));
  now += from_ms(30'000);
  EXPECT_TRUE(tokens.refresh(another, here(), now)) << "or it could end before";
  const Principal brief = *tokens.check(issue("brief", "read:#", 1), here());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(tokens.refresh(brief, here(), now)) << i;
  EXPECT_FALSE(tokens.refresh(brief, here(), now)) << "however short";
}

TEST_F(TokensTest, WhatIsRevokedIsWorthNothingNowAndLater) {
  const std::string token = issue("panel", "read:#");
  const std::string other = issue("other", "read:#");
  const Principal panel = *tokens.check(token, here());
  EXPECT_FALSE(tokens.is_revoked(panel));
  const std::string jti = std::string{panel.credential} + ".1795876000";
  ASSERT_TRUE(tokens.revoke(jti, admin, here())) << "the whole jti will do";
  EXPECT_TRUE(tokens.is_revoked(panel));
  EXPECT_EQ(refused(token), Reason::unauthenticated);
  EXPECT_EQ(told, "the token was revoked");
  EXPECT_TRUE(tokens.check(other, here()));
  ASSERT_TRUE(saves());
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_FALSE(later.check(token, here()));
  EXPECT_TRUE(later.check(other, here()));
  EXPECT_EQ(tokens.revoke("nobody", admin, here()).error().reason, Reason::not_found);
}

TEST_F(TokensTest, RevokingTheKeyRevokesAllButTheHandThatDoesIt) {
  const Principal owner = *tokens.check(claim(), here());
  const std::string panel = issue("panel", "read:#");
  const KeyId old = tokens.key_id();
  const auto replaced = tokens.revoke(old, owner, here());
  ASSERT_TRUE(replaced && *replaced);
  const std::string token{(*replaced)->token};
  EXPECT_NE(tokens.key_id(), old);
  EXPECT_FALSE(tokens.check(panel, here()));
  EXPECT_TRUE(tokens.is_revoked(owner));
  const Result<Principal> again = tokens.check(token, here());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_like(owner));
  ASSERT_TRUE(saves());
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_TRUE(later.check(token, here()));
  EXPECT_EQ(tokens.revoke(old, *again, here()).error().reason, Reason::not_found);
}

TEST_F(TokensTest, WhoReplacesTheKeyKeepsWhatTheirTokenHadLeft) {
  const Principal certified{"anna", Scope{Role::admin}, {}, {}, kNow_s + 600};
  const auto issued = tokens.issue(certified, "chief", Scope{Role::admin}, Tokens::kDay_s, here());
  ASSERT_TRUE(issued);
  const Principal chief = issued->principal;
  const KeyId old = tokens.key_id();
  const auto late = tokens.revoke(old, chief, here(kNow_s + 600));
  ASSERT_FALSE(late) << "nobody could get in";
  EXPECT_EQ(late.error().reason, Reason::forbidden);
  EXPECT_EQ(tokens.key_id(), old);
  const auto replaced = tokens.revoke(old, chief, here(kNow_s + 10));
  ASSERT_TRUE(replaced && *replaced);
  const std::string token{(*replaced)->token};
  const Result<Principal> again = tokens.check(token, here(kNow_s + 599));
  ASSERT_TRUE(again) << "it cannot be renewed, and lasts as long as the one before";
  EXPECT_EQ(again->expires_s, chief.expires_s);
  EXPECT_FALSE(tokens.refresh(*again, here(kNow_s + 20), now));

  const Principal owner = *tokens.check(issue("owner", "admin", 1000), here());
  const auto renewable = tokens.revoke(tokens.key_id(), owner, here(kNow_s + 10));
  ASSERT_TRUE(renewable && *renewable);
  EXPECT_EQ((*renewable)->principal.expires_s, owner.expires_s);
  const auto renewed = tokens.refresh((*renewable)->principal, here(kNow_s + 20), now);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->principal.expires_s, kNow_s + 1020);
}

TEST_F(TokensTest, OnlySoManyAreKeptAndWhatIsOverMakesRoom) {
  for (std::size_t i = 0; i < Grants::kGrantsMax; ++i) issue("panel", "read:#", i == 5 ? 100 : 1000);
  EXPECT_EQ(tokens.issue(admin, "one more", Scope{Role::viewer}, 100, here()).error().reason,
            Reason::overloaded);
  const auto later = tokens.issue(admin, "later", Scope{Role::viewer}, 100, here(kNow_s + 100));
  EXPECT_TRUE(later) << "one has expired";
  ASSERT_TRUE(tokens.revoke(tokens.grants()[9].id, admin, here()));
  EXPECT_TRUE(tokens.issue(admin, "instead", Scope{Role::viewer}, 100, here()));
}

TEST_F(TokensTest, AFullDiskChangesNothing) {
  const std::string code{tokens.claim_code()};
  store.writes_left = 0;
  ASSERT_TRUE(tokens.claim(code, "ann", here()));
  EXPECT_FALSE(saves());
  EXPECT_FALSE(tokens.is_claimed());
  EXPECT_EQ(tokens.claim_code().view(), code) << "it can be tried again";
  store.writes_left = 1;
  const std::string token{tokens.claim(code, "ann", here())->token};
  ASSERT_TRUE(saves());
  const Principal owner = *tokens.check(token, here());
  const std::string before = store.records.at("tokens");
  const KeyId key = tokens.key_id();
  const auto undone = [&] {
    EXPECT_FALSE(saves());
    EXPECT_TRUE(tokens.check(token, here())) << "what was not written down did not happen";
    EXPECT_EQ(tokens.grants().size(), 1U);
    EXPECT_EQ(tokens.grants()[0].expires_s, owner.expires_s);
    EXPECT_EQ(tokens.key_id(), key);
    EXPECT_EQ(store.records.at("tokens"), before);
  };
  ASSERT_TRUE(tokens.revoke(owner.credential, admin, here()));
  EXPECT_FALSE(tokens.check(token, here())) << "nobody comes in by it meanwhile";
  undone();
  ASSERT_TRUE(tokens.revoke(key, owner, here()));
  undone();
  ASSERT_TRUE(tokens.refresh(owner, here(kNow_s + 200 * Tokens::kDay_s), now));
  undone();
  issue("panel", "read:#");
  ASSERT_TRUE(tokens.revoke(owner.credential, admin, here()));
  issue("other", "read:#");
  undone();
  store.writes_left = 1;
  const std::string panel = issue("panel", "read:#");
  ASSERT_TRUE(tokens.revoke(owner.credential, admin, here()));
  EXPECT_TRUE(saves()) << "all of it by one write";
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_TRUE(later.check(panel, here()));
  EXPECT_FALSE(later.check(token, here()));
}

TEST_F(TokensTest, WhoCameInWithoutATokenHasNoneThatCouldBeRevoked) {
  EXPECT_FALSE(tokens.is_revoked(Principal{.name = "anna", .scope = {}, .certificate = "hers"}));
  EXPECT_FALSE(tokens.step(now).has_value()) << "nothing is being saved";
}

TEST_F(TokensTest, ASessionsSecretIsOfThisRun) {
  const FixedText<43> secret = tokens.of_session("e/0-1/ann");
  EXPECT_EQ(secret.size(), 43U);
  EXPECT_TRUE(tokens.is_of_session("e/0-1/ann", secret));
  EXPECT_FALSE(tokens.is_of_session("e/0-2/ann", secret));
  EXPECT_FALSE(tokens.is_of_session("e/0-1/ann", ""));
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_FALSE(later.is_of_session("e/0-1/ann", secret));
}

TEST_F(TokensTest, TicketsStandForWhoMadeThemAsLongAsTheirTokenIsGood) {
  const Principal panel = *tokens.check(issue("panel", "read:#"), here());
  const std::string first{*tokens.make_ticket(panel, now)};
  const std::string second{*tokens.make_ticket(panel, now)};
  EXPECT_EQ(*tokens.redeem(first, now), panel);
  ASSERT_TRUE(tokens.revoke(panel.credential, admin, here()));
  EXPECT_EQ(tokens.redeem(second, now).error().reason, Reason::unauthenticated);
  EXPECT_EQ(tokens.redeem("nobody's", now).error().reason, Reason::unauthenticated);
}

}  // namespace
}  // namespace signalbox::trust
