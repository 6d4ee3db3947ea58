#include "base/log.hpp"
#include "firmware/trust/token_bench.hpp"

namespace signalbox::trust {
namespace {

struct ClaimingTest : TokenBench {};

TEST_F(ClaimingTest, NobodyComesInBeforeSomebodyHasClaimedIt) {
  EXPECT_FALSE(tokens.is_claimed());
  EXPECT_EQ(refused(""), Reason::unauthenticated);
  EXPECT_EQ(refused("owner"), Reason::unauthenticated);
  EXPECT_EQ(tokens.claim_code().size(), 14U);
  Tokens closed;
  EXPECT_EQ(closed.check("", here()).error().reason, Reason::unauthenticated);
  EXPECT_TRUE(closed.of_session("x").empty());
  EXPECT_FALSE(closed.is_of_session("x", ""));
}

TEST_F(ClaimingTest, WhoClaimsItIsItsAdministratorAndTheOnlyOne) {
  const std::string code{tokens.claim_code()};
  EXPECT_EQ(tokens.claim("0000-0000-0000", "ann", here()).error().reason, Reason::forbidden);
  EXPECT_EQ(tokens.claim(code, "a\"b", here()).error().reason, Reason::malformed) << "no name";
  const auto issued = tokens.claim(code, "ann", here());
  ASSERT_TRUE(issued);
  const std::string token{issued->token};
  const Result<Principal> who = tokens.check(token, here());
  ASSERT_TRUE(who);
  EXPECT_EQ(*who, issued->principal);
  EXPECT_EQ(who->name.view(), "ann");
  EXPECT_EQ(who->scope, Scope{Role::admin});
  EXPECT_EQ(tokens.claim(code, "bob", here()).error().reason, Reason::busy) << "until it is saved";
  ASSERT_TRUE(saves());
  EXPECT_TRUE(tokens.claim_code().empty());
  EXPECT_EQ(tokens.claim(code, "bob", here()).error().reason, Reason::conflict);

  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_TRUE(later.claim_code().empty()) << "claimed is claimed";
  EXPECT_TRUE(later.check(token, here()));
}

TEST_F(ClaimingTest, ACodeIsKeptWhereNobodyReadsItUntilItWasUsed) {
  ASSERT_TRUE(tokens.keep_claim_code(true));
  EXPECT_EQ(store.records.at("claim-code"), std::string{tokens.claim_code()} + "\n");
  ASSERT_TRUE(tokens.keep_claim_code(false));
  EXPECT_FALSE(store.records.contains("claim-code"));
  ASSERT_TRUE(tokens.keep_claim_code(true));
  claim();
  EXPECT_TRUE(store.records.contains("claim-code")) << "until it is saved";
  ASSERT_TRUE(saves());
  EXPECT_FALSE(store.records.contains("claim-code"));
  store.records["claim-code"] = "of an earlier run";
  EXPECT_TRUE(tokens.keep_claim_code(true));
  EXPECT_FALSE(store.records.contains("claim-code")) << "there is none any more";
}

TEST_F(ClaimingTest, ACodeIsOfOneRun) {
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_NE(later.claim_code(), tokens.claim_code());
  EXPECT_EQ(later.key_id(), tokens.key_id());
}

TEST_F(ClaimingTest, AFileAtTheDeviceOpensClaimingOnceMore) {
  const std::string first = claim();
  ASSERT_TRUE(saves());
  store.records["reopen-claim"] = "put there by hand";
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_TRUE(later.is_claimed());
  ASSERT_FALSE(later.claim_code().empty());
  const auto second = later.claim(later.claim_code(), "owner", here());
  ASSERT_TRUE(second);
  EXPECT_TRUE(store.records.contains("reopen-claim")) << "until it is saved";
  ASSERT_TRUE(saves(later));
  EXPECT_FALSE(store.records.contains("reopen-claim")) << "for one time";
  EXPECT_TRUE(later.check(first, here())) << "who had a token still has it";
}

TEST_F(ClaimingTest, AFileThatIsNoneDoesNotGoUnnoticed) {
  claim();
  ASSERT_TRUE(saves());
  store.unreadable = "reopen-claim";
  Tokens later;
  const Result<void> opened = later.open(store, entropy);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().detail.view(), "cannot look at it; expected an empty file, or none");
  EXPECT_TRUE(later.claim_code().empty());
}

TEST_F(ClaimingTest, WhoIsAtTheDeviceClaimsItThoughAllPlacesAreTaken) {
  const std::string longer = issue("panel", "read:#", 2000);
  const std::string shortest = issue("panel", "read:#", 500);
  while (tokens.grants().size() < Grants::kGrantsMax) issue("panel", "read:#");
  ASSERT_TRUE(saves());
  store.records["reopen-claim"] = "";
  Tokens reopened;
  ASSERT_TRUE(reopened.open(store, entropy));
  const Principal gone = *reopened.check(shortest, here());
  const auto claimed = reopened.claim(reopened.claim_code(), "owner", here());
  ASSERT_TRUE(claimed) << claimed.error().detail.view();
  const std::string token{claimed->token};
  EXPECT_TRUE(reopened.check(token, here()));
  EXPECT_TRUE(reopened.is_revoked(gone)) << "the one that would have ended first";
  EXPECT_TRUE(reopened.check(longer, here()));
  EXPECT_EQ(reopened.grants().size(), Grants::kGrantsMax);
}

TEST_F(ClaimingTest, ACodeThatCannotBeKeptOrTakenAwayIsTold) {
  store.writes_left = 0;
  EXPECT_EQ(tokens.keep_claim_code(true).error().detail.view(), "no space left");
  EXPECT_TRUE(tokens.keep_claim_code(false)) << "there is none to take away";
  store.records["claim-code"] = "of an earlier run";
  store.stuck = "claim-code";
  EXPECT_EQ(tokens.keep_claim_code(false).error().detail.view(), "cannot remove it");
}

TEST_F(ClaimingTest, AFileThatCannotBeRemovedIsToldForItOpensTheNextStart) {
  static std::string last_log;
  last_log.clear();
  set_log_sink([](Severity, std::string_view line) { last_log = line; });
  claim();
  ASSERT_TRUE(saves());
  EXPECT_TRUE(last_log.empty()) << last_log;
  store.records["reopen-claim"] = "";
  store.stuck = "reopen-claim";
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  ASSERT_TRUE(later.claim(later.claim_code(), "owner", here()));
  ASSERT_TRUE(saves(later));
  EXPECT_EQ(last_log, "cannot remove it; remove it, or the next start lets the device be claimed once more");
  EXPECT_TRUE(later.claim_code().empty()) << "in this run it is used";
  set_log_sink(nullptr);
}

TEST_F(ClaimingTest, WithWrongIssuersOrADamagedRecordNobodyComesInNorClaims) {
  const std::string token = claim();
  ASSERT_TRUE(saves());
  Tokens closed;
  EXPECT_EQ(closed.open(store, entropy, {.issuers = "{"}).error().reason, Reason::malformed);
  EXPECT_FALSE(closed.check(token, here()));
  EXPECT_TRUE(closed.account_of(token).empty());
  EXPECT_TRUE(closed.claim_code().empty());
  store.records["tokens"] = "{";
  EXPECT_EQ(closed.open(store, entropy).error().field.view(), "tokens");
  EXPECT_FALSE(closed.check(token, here()));
  EXPECT_EQ(closed.issue(admin, "panel", Scope{Role::viewer}, 60, here()).error().reason,
            Reason::unauthenticated);
}

}  // namespace
}  // namespace signalbox::trust
