#include "trust/grants.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "firmware/trust/memory_store.hpp"
#include "firmware/trust/scarce_memory.hpp"
#include "sim/hal/store.hpp"

namespace signalbox::trust {
namespace {

struct GrantsTest : testing::Test {
  GrantsTest() {
    EXPECT_TRUE(random.seed(entropy));
    EXPECT_TRUE(grants.open(store, random));
  }
  static Grant grant(std::string_view id, std::int64_t expires_s = 1000) {
    Grant its;
    its.id = id;
    its.name = "panel";
    its.scope = Scope{Role::operating};
    its.issued_s = 10;
    its.expires_s = expires_s;
    its.lifetime_s = 990;
    return its;
  }
  /// Whether what was changed could be saved.
  bool saves() {
    EXPECT_TRUE(grants.is_changed());
    grants.save(now);
    EXPECT_TRUE(grants.is_saving() && !grants.is_changed());
    const auto ended = grants.step(now);
    EXPECT_FALSE(grants.is_saving());
    return ended && *ended;
  }
  static Grant refusal(Grant::Kind kind, std::size_t number, std::int64_t expires_s = 1000) {
    Grant its;
    its.kind = kind;
    its.id = format_text<43>("%043zu", number);
    if (kind == Grant::Kind::foreign_token) its.key = format_text<43>("%043d", 1000);
    its.issued_s = 10;
    its.expires_s = expires_s;
    its.revoked = true;
    return its;
  }
  SeededEntropy entropy{1};
  Random random;
  MemoryStore store;
  Grants grants;
  Instant now{from_ms(1000)};
};

TEST_F(GrantsTest, AFirstStartMakesAKeyAndKeepsIt) {
  EXPECT_FALSE(grants.is_claimed());
  EXPECT_TRUE(grants.all().empty());
  Grants later;
  ASSERT_TRUE(later.open(store, random));
  EXPECT_EQ(later.key_id(), grants.key_id());
  MemoryStore elsewhere;
  Grants other;
  ASSERT_TRUE(other.open(elsewhere, random));
  EXPECT_NE(other.key_id(), grants.key_id());
}

TEST_F(GrantsTest, WhatIsKeptIsThereAgain) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  Grant changed = grant("a");
  changed.revoked = true;
  ASSERT_TRUE(grants.keep(grant("b"), 10));
  ASSERT_TRUE(grants.keep(changed, 10));
  ASSERT_TRUE(saves());
  Grants later;
  ASSERT_TRUE(later.open(store, random));
  EXPECT_TRUE(later.is_claimed());
  ASSERT_EQ(later.all().size(), 2U);
  const Grant* a = later.find(Grant::Kind::token, "a");
  ASSERT_NE(a, nullptr);
  EXPECT_TRUE(a->revoked);
  EXPECT_EQ(a->name.view(), "panel");
  EXPECT_EQ(a->scope, Scope{Role::operating});
  EXPECT_EQ(a->expires_s, 1000);
  EXPECT_EQ(a->lifetime_s, 990);
  EXPECT_EQ(later.find(Grant::Kind::foreign_token, "a"), nullptr) << "another kind";
  EXPECT_EQ(later.latest_s(), 10);
}

TEST_F(GrantsTest, TheLongestOnesAllFitTheRecord) {
  for (std::size_t i = 0; i < Grants::kGrantsMax; ++i) {
    Grant its = grant(format_text<43>("%043zu", i), std::int64_t{1} << 52U);
    its.name = std::string_view{"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};
    its.scope = *Scope::parse("read:" + std::string(47, 'a') + " read:" + std::string(47, 'b') +
                              " read:" + std::string(47, 'c') + " read:" + std::string(27, 'd'));
    ASSERT_TRUE(grants.keep(its, 10)) << i;
  }
  for (std::size_t i = 0; i < Grants::kTokensRefusedMax; ++i)
    ASSERT_TRUE(grants.keep(refusal(Grant::Kind::foreign_token, i, std::int64_t{1} << 52U), 10)) << i;
  for (std::size_t i = 0; i < Grants::kKeysRefusedMax; ++i)
    ASSERT_TRUE(grants.keep(refusal(Grant::Kind::foreign_key, i, std::int64_t{1} << 52U), 10)) << i;
  EXPECT_EQ(grants.keep(grant("one more"), 10).error().detail.view(),
            "all 64 tokens that can be given out are in use; revoke one");
  EXPECT_EQ(grants.keep(grant("one more"), 10).error().retry_after_ms, 1000U);
  EXPECT_EQ(grants.keep(refusal(Grant::Kind::foreign_token, 99), 10).error().detail.view(),
            "24 tokens of issuers are revoked and have not ended, which is all that can be; revoke the "
            "issuer's key");
  EXPECT_EQ(grants.keep(refusal(Grant::Kind::foreign_key, 99), 10).error().detail.view(),
            "8 keys of issuers are revoked, which is all that can be; take it out of the file of --issuer");
  ASSERT_TRUE(saves());
  Grants later;
  ASSERT_TRUE(later.open(store, random));
  EXPECT_EQ(later.all().size(), Grants::kPlaces);
  EXPECT_EQ(later.all()[70].key, grants.all()[70].key);
  SigningKey other;
  ASSERT_TRUE(other.make(random));
  ASSERT_TRUE(grants.start_over(other, {}, 10)) << "all revoked at once";
  ASSERT_TRUE(saves());
}

TEST_F(GrantsTest, WhatWasRefusedGivesWayToNoToken) {
  for (std::size_t i = 0; i < Grants::kTokensRefusedMax; ++i)
    ASSERT_TRUE(grants.keep(refusal(Grant::Kind::foreign_token, i, 500), 10)) << i;
  for (std::size_t i = 0; i < Grants::kGrantsMax; ++i)
    ASSERT_TRUE(grants.keep(grant(format_text<43>("%zu", i)), 10)) << i << ": they have places of their own";
  ASSERT_TRUE(grants.keep(grant("claimed"), 600, Grants::WhenFull::replace));
  for (std::size_t i = 0; i < Grants::kTokensRefusedMax; ++i)
    EXPECT_NE(grants.find(Grant::Kind::foreign_token, refusal(Grant::Kind::foreign_token, i).id), nullptr);
  EXPECT_EQ(grants.find(Grant::Kind::token, "0"), nullptr);
}

TEST_F(GrantsTest, ARefusalNeedsItsPlaceUntilItsTokenEndsOrItsKeyIsRefused) {
  for (std::size_t i = 0; i < Grants::kTokensRefusedMax; ++i)
    ASSERT_TRUE(grants.keep(refusal(Grant::Kind::foreign_token, i, i == 3 ? 500 : 1000), 10)) << i;
  EXPECT_FALSE(grants.keep(refusal(Grant::Kind::foreign_token, 50), 499));
  EXPECT_TRUE(grants.keep(refusal(Grant::Kind::foreign_token, 50), 500));
  EXPECT_FALSE(grants.keep(refusal(Grant::Kind::foreign_token, 51), 500));
  Grant key = refusal(Grant::Kind::foreign_key, 0);
  key.id = refusal(Grant::Kind::foreign_token, 0).key;
  ASSERT_TRUE(grants.keep(key, 500));
  for (std::size_t i = 51; i < 51 + Grants::kTokensRefusedMax; ++i) {
    Grant another = refusal(Grant::Kind::foreign_token, i);
    another.key = std::string_view{"another"};
    EXPECT_TRUE(grants.keep(another, 500)) << i;
  }
  EXPECT_EQ(grants.all().size(), Grants::kTokensRefusedMax + 1);
}

/// The record is one write, so a power cut has it as it was or as it is.
TEST_F(GrantsTest, ASaveThatFailsUndoesAllSinceTheLastOne) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  ASSERT_TRUE(saves());
  const std::string before = store.records.at("tokens");
  const KeyId key = grants.key_id();
  SigningKey other;
  ASSERT_TRUE(other.make(random));
  store.writes_left = 0;
  EXPECT_TRUE(grants.keep(grant("b"), 10));
  EXPECT_TRUE(grants.start_over(other, grant("c"), 10));
  EXPECT_NE(grants.find(Grant::Kind::token, "b"), nullptr) << "it holds at once";
  EXPECT_FALSE(saves());
  EXPECT_EQ(grants.all().size(), 1U);
  EXPECT_EQ(grants.key_id(), key);
  EXPECT_FALSE(grants.find(Grant::Kind::token, "a")->revoked);
  EXPECT_EQ(store.records.at("tokens"), before);
  store.writes_left = 1;
  EXPECT_TRUE(grants.start_over(other, grant("c"), 10));
  EXPECT_TRUE(saves()) << "one write";
  EXPECT_NE(grants.key_id(), key);
  EXPECT_TRUE(grants.find(Grant::Kind::token, "a")->revoked);
}

TEST_F(GrantsTest, SavingTakesAsLongAsTheStoreTakesAndSilenceIsToldOnce) {
  static int told = 0;
  told = 0;
  set_log_sink([](Severity, std::string_view line) { told += line.find("silent") != line.npos ? 1 : 0; });
  sim::Faults faults;
  sim::Store slow{faults};
  Grants its;
  ASSERT_TRUE(its.open(slow, random));
  faults.add({sim::FaultKind::hung, "store", Instant{}, Instant{from_ms(20'000)}});
  EXPECT_EQ(its.next(), kNever);
  ASSERT_TRUE(its.keep(grant("a"), 10));
  its.save(Instant{});
  while (!its.step(now) && now < Instant{from_ms(60'000)}) {
    EXPECT_GT(its.next(), now);
    now = its.next();
  }
  EXPECT_EQ(now, Instant{from_ms(20'005)});
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(its.is_saving());
  set_log_sink(nullptr);
}

TEST_F(GrantsTest, NoPrefixOfTheRecordIsTakenForAWholeOne) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  ASSERT_TRUE(saves());
  const std::string whole = store.records.at("tokens");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    store.records["tokens"] = whole.substr(0, size);
    Grants damaged;
    const Result<void> opened = damaged.open(store, random);
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error().reason, Reason::malformed);
    EXPECT_EQ(store.records["tokens"].size(), size) << "kept for whoever mends it";
  }
}

TEST_F(GrantsTest, WhatIsWrongInTheRecordIsTold) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  ASSERT_TRUE(saves());
  const std::string good = store.records.at("tokens");
  for (const auto& [from, to] :
       {std::pair{R"("key":")", R"("key":"AAAA)"}, std::pair{R"("key":")", R"("kay":")"},
        std::pair{R"("claimed":true)", R"("claimed":1)"}, std::pair{"control:#", "control:*"},
        std::pair{R"("kind":"token")", R"("kind":"x")"}, std::pair{R"("issued":10)", R"("issued":-1)"},
        std::pair{R"("expires")", R"("issued")"}, std::pair{R"("key":")", R"("key":"*","kay":")"},
        std::pair{R"("key":")", R"("key":"AAAA","kay":")"}, std::pair{R"("id":"a")", R"("id":7)"},
        std::pair{R"("name")", R"("signedBy":7,"name")"}, std::pair{R"("name":"panel")", R"("name":7)"},
        std::pair{R"("scope":")", R"("scope":7,"more":")"},
        std::pair{R"("lifetime":990)", R"("lifetime":990,"revoked":1)"},
        std::pair{R"("tokens":[{)", R"("tokens":[7,{)"}, std::pair{R"("tokens":)", R"("more":)"}}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string_view{from}.size(), to);
    store.records["tokens"] = bad;
    Grants damaged;
    const Result<void> opened = damaged.open(store, random);
    ASSERT_FALSE(opened) << bad;
    EXPECT_EQ(opened.error().reason, Reason::malformed);
    EXPECT_EQ(opened.error().field.view(), "tokens");
    EXPECT_NE(opened.error().detail.view().find("remove it"), std::string_view::npos);
    EXPECT_TRUE(damaged.all().empty() && !damaged.is_claimed());
  }
}

TEST_F(GrantsTest, ARecordThatCannotBeReadIsNoFirstStart) {
  const std::string good = store.records.at("tokens");
  store.unreadable = "tokens";
  Grants blind;
  EXPECT_EQ(blind.open(store, random).error().detail.view(), "cannot look at it");
  EXPECT_EQ(store.records.at("tokens"), good);
  store.unreadable = {};
  const std::string huge(hal::Store::kRecordBytesMax + 1, ' ');
  store.records["tokens"] = huge;
  EXPECT_EQ(blind.open(store, random).error().reason, Reason::malformed);
  EXPECT_EQ(store.records.at("tokens"), huge);
}

TEST_F(GrantsTest, AFirstStartThatCannotMakeOrKeepTheKeyFails) {
  MemoryStore full;
  full.writes_left = 0;
  Grants unkept;
  EXPECT_EQ(unkept.open(full, random).error().detail.view(), "no space left");
  run_dry(random, entropy);
  MemoryStore empty;
  Grants unmade;
  EXPECT_EQ(unmade.open(empty, random).error().detail.view(), "no good randomness for a key");
  EXPECT_TRUE(empty.records.empty());
}

TEST_F(GrantsTest, WithoutMemoryTheRecordIsNotCalledDamaged) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  ASSERT_TRUE(saves());
  attempt_in_scarce_memory(
      [&] {
        Grants later;
        return later.open(store, random);
      },
      [](const Error& error) {
        EXPECT_EQ(error.reason, Reason::overloaded) << error.detail.view();
        EXPECT_EQ(error.detail.view().find("remove"), std::string_view::npos) << error.detail.view();
      });
}

/// Names that a record takes six times as many bytes for as they have.
TEST_F(GrantsTest, WhatTheRecordCannotTakeChangesNothing) {
  const auto widened = [](Grant its) {
    its.name = std::string_view{
        "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"};
    its.scope = *Scope::parse("read:" + std::string(47, 'a') + " read:" + std::string(47, 'b') +
                              " read:" + std::string(47, 'c'));
    return its;
  };
  for (std::size_t i = 0; i < Grants::kTokensRefusedMax; ++i)
    ASSERT_TRUE(grants.keep(widened(refusal(Grant::Kind::foreign_token, i)), 10)) << i;
  Result<void> last;
  while ((last = grants.keep(widened(grant(format_text<43>("%zu", grants.all().size()))), 10))) {
  }
  EXPECT_EQ(last.error().detail.view(), "no room to remember one more token; revoke one");
  const std::size_t count = grants.all().size();
  ASSERT_LT(count, Grants::kTokensRefusedMax + Grants::kGrantsMax);
  const KeyId key = grants.key_id();
  SigningKey other;
  ASSERT_TRUE(other.make(random));
  for (const std::optional<Grant>& first : {std::optional<Grant>{}, std::optional<Grant>{grant("first")}})
    EXPECT_EQ(grants.start_over(other, first, 10).error().reason, Reason::overloaded)
        << "all revoked at once";
  EXPECT_EQ(grants.key_id(), key);
  ASSERT_EQ(grants.all().size(), count);
  for (const Grant& its : grants.all()) EXPECT_EQ(its.revoked, its.kind != Grant::Kind::token);
  EXPECT_TRUE(saves());
}

TEST_F(GrantsTest, NothingThatWasRefusedPushesOutATokenOrARefusal) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  for (std::size_t i = 0; i < Grants::kKeysRefusedMax; ++i)
    ASSERT_TRUE(grants.keep(refusal(Grant::Kind::foreign_key, i), 10)) << i;
  EXPECT_EQ(grants.keep(refusal(Grant::Kind::foreign_key, 99), 10, Grants::WhenFull::replace).error().reason,
            Reason::overloaded);
  EXPECT_NE(grants.find(Grant::Kind::token, "a"), nullptr);
  EXPECT_EQ(grants.find(Grant::Kind::foreign_key, refusal(Grant::Kind::foreign_key, 99).id), nullptr);
}

/// As one of a build with other bounds may be.
TEST_F(GrantsTest, ARecordWithMoreOfAKindThanItHasPlacesLeavesNoneToOthers) {
  ASSERT_TRUE(grants.keep(grant("first"), 10));
  ASSERT_TRUE(saves());
  std::string& record = store.records.at("tokens");
  const std::size_t begins = record.find('[') + 1;
  const std::string one = record.substr(begins, record.find(']') - begins);
  for (std::size_t i = 1; i < Grants::kPlaces; ++i) {
    std::string another = one + ",";
    another.replace(another.find("first"), 5, std::to_string(i));
    record.insert(begins, another);
  }
  Grants later;
  ASSERT_TRUE(later.open(store, random));
  ASSERT_EQ(later.all().size(), Grants::kPlaces);
  EXPECT_EQ(later.keep(refusal(Grant::Kind::foreign_key, 1), 10).error().reason, Reason::overloaded);
  EXPECT_EQ(later.all().size(), Grants::kPlaces);
  EXPECT_TRUE(later.keep(grant("new"), 2000)) << "what has ended gives way";
}

TEST_F(GrantsTest, WhatWasSavedWhileOthersPolledIsToldAtOnce) {
  ASSERT_TRUE(grants.keep(grant("a"), 10));
  grants.save(now);
  EXPECT_EQ(grants.next(), Instant{}) << "as the store says";
  store.poll(now);
  EXPECT_EQ(grants.next(), Instant{});
  EXPECT_TRUE(*grants.step(now));
  EXPECT_EQ(grants.next(), kNever);
  EXPECT_FALSE(grants.step(now).has_value()) << "once";
}

}  // namespace
}  // namespace signalbox::trust
