#include "firmware/base/no_documents.hpp"
#include "firmware/trust/scarce_memory.hpp"
#include "firmware/trust/token_bench.hpp"

namespace signalbox::trust {
namespace {

/// What comes of tokens while the libraries' memory, or the board's randomness, is used up.
struct TokensMemoryTest : TokenBench {
  static void expect_overloaded(const Error& error) {
    EXPECT_EQ(error.reason, Reason::overloaded) << error.detail.view();
    EXPECT_GT(error.retry_after_ms, 0U) << error.detail.view();
  }
};

TEST_F(TokensMemoryTest, ARightTokenIsNotCalledWrong) {
  // The signature of one that was let in is not looked at again.
  const std::string first = issue("panel", "read:#");
  const std::string second = issue("panel", "read:#");
  const std::string* token = &first;
  attempt_in_scarce_memory(
      [&] {
        const Result<Principal> who = tokens.check(*token, here());
        token = &second;
        return who;
      },
      expect_overloaded);
  EXPECT_TRUE(tokens.check(second, here()));
  const NoDocuments none;
  expect_overloaded(tokens.check(second, here()).error());
  EXPECT_TRUE(tokens.account_of(second).empty()) << "nobody is held to account meanwhile";
}

TEST_F(TokensMemoryTest, NothingIsGivenOutNorChangedWithout) {
  const std::string code{tokens.claim_code()};
  {
    const ScarceMemory none{0};
    expect_overloaded(tokens.claim(code, "owner", here()).error());
  }
  EXPECT_EQ(tokens.claim_code().view(), code);
  Principal owner = *tokens.check(claim(), here());
  const std::int64_t expires_s = tokens.grants()[0].expires_s;
  {
    const ScarceMemory none{0};
    expect_overloaded(tokens.issue(owner, "panel", Scope{Role::viewer}, 60, here()).error());
    expect_overloaded(tokens.refresh(owner, here(kNow_s + 100), now).error());
  }
  EXPECT_EQ(tokens.grants().size(), 1U);
  EXPECT_EQ(tokens.grants()[0].expires_s, expires_s);
  KeyId key = tokens.key_id();
  attempt_in_scarce_memory(
      [&] {
        const auto replaced = tokens.revoke(tokens.key_id(), owner, here());
        if (replaced) owner = (*replaced)->principal;
        if (replaced) key = tokens.key_id();
        return replaced;
      },
      [&](const Error& error) {
        expect_overloaded(error);
        EXPECT_EQ(tokens.key_id(), key);
        EXPECT_FALSE(tokens.is_revoked(owner));
      });
}

TEST_F(TokensMemoryTest, NoSessionIsResumedWithout) {
  const FixedText<43> secret = tokens.of_session("e/0-1/ann");
  const ScarceMemory none{0};
  EXPECT_TRUE(tokens.of_session("e/0-1/ann").empty());
  EXPECT_FALSE(tokens.is_of_session("e/0-1/ann", ""));
  EXPECT_FALSE(tokens.is_of_session("e/0-1/ann", secret));
}

/// The generator wants more of it now and then.
TEST_F(TokensMemoryTest, WithoutRandomnessNothingIsGivenOut) {
  const Principal owner = *tokens.check(claim(), here());
  entropy.good = false;
  Result<FixedText<43>> ticket = tokens.make_ticket(owner, now);
  for (int i = 0; ticket && i < 20'000; ++i) {
    EXPECT_TRUE(tokens.redeem(*ticket, now));
    ticket = tokens.make_ticket(owner, now);
  }
  ASSERT_FALSE(ticket);
  EXPECT_EQ(ticket.error().detail.view(), "no good randomness for a ticket");
  const auto issued = tokens.issue(owner, "panel", Scope{Role::viewer}, 60, here());
  EXPECT_EQ(issued.error().detail.view(), "no good randomness for a token");
  const KeyId key = tokens.key_id();
  EXPECT_EQ(tokens.revoke(key, owner, here()).error().detail.view(), "no good randomness for a token");
  EXPECT_EQ(tokens.revoke(key, admin, here()).error().detail.view(), "no good randomness for a key");
  EXPECT_EQ(tokens.key_id(), key);
  EXPECT_EQ(tokens.grants().size(), 1U);
}

TEST_F(TokensMemoryTest, WithoutRandomnessThereAreNoTokensAtAll) {
  entropy.good = false;
  Tokens closed;
  EXPECT_EQ(closed.open(store, entropy).error().reason, Reason::failed);
  EXPECT_TRUE(closed.claim_code().empty());
  EXPECT_TRUE(closed.of_session("e/0-1/ann").empty());
}

/// Names that take more bytes in the record than any that are given out, as somebody may have written them.
TEST_F(TokensMemoryTest, WhereTheRecordCannotTellThatAllAreRevokedNoneIs) {
  const std::string long_name(31, 'n');
  const std::string scope =
      "read:" + std::string(47, 'a') + " read:" + std::string(47, 'b') + " read:" + std::string(47, 'c');
  std::string token;
  while (tokens.grants().size() < Grants::kGrantsMax) token = issue(long_name, scope);
  ASSERT_TRUE(saves());
  std::string& record = store.records.at("tokens");
  std::string wide;
  for (int i = 0; i < 31; ++i) wide += "\\u0001";
  for (std::size_t at = record.find(long_name); at != std::string::npos; at = record.find(long_name))
    record.replace(at, long_name.size(), wide);
  const std::string refusal = R"({"kind":"foreignKey","id":"gone","name":")" + wide +
                              R"(","issued":1,"expires":1,"lifetime":0,"revoked":true},)";
  while (record.size() + refusal.size() <= hal::Store::kRecordBytesMax)
    record.insert(record.find('[') + 1, refusal);
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  const Principal owner = *later.check(token, here());
  const KeyId key = later.key_id();
  EXPECT_EQ(later.revoke(key, admin, here()).error().reason, Reason::overloaded);
  EXPECT_EQ(later.revoke(key, owner, here()).error().reason, Reason::malformed)
      << "nobody is given such a name";
  EXPECT_EQ(later.key_id(), key);
  EXPECT_TRUE(later.check(token, here()));
}

}  // namespace
}  // namespace signalbox::trust
