#include "trust/tokens.hpp"

#include <gtest/gtest.h>

#include "firmware/trust/memory_store.hpp"

namespace signalbox::trust {
namespace {

struct TokensTest : testing::Test {
  MemoryStore store;
  SeededEntropy entropy{1};
  Tokens tokens;
};

TEST_F(TokensTest, FirstStartMakesAndKeepsOne) {
  ASSERT_TRUE(tokens.open(store, entropy));
  EXPECT_EQ(tokens.owner().size(), kTokenCharacters);
  EXPECT_EQ(store.records.at("token"), tokens.owner());
}

TEST_F(TokensTest, LaterStartsKeepIt) {
  ASSERT_TRUE(tokens.open(store, entropy));
  Tokens later;
  ASSERT_TRUE(later.open(store, entropy));
  EXPECT_EQ(later.owner(), tokens.owner());
}

TEST_F(TokensTest, AnotherDeviceHasAnother) {
  ASSERT_TRUE(tokens.open(store, entropy));
  MemoryStore elsewhere;
  Tokens others;
  ASSERT_TRUE(others.open(elsewhere, entropy));
  EXPECT_NE(others.owner(), tokens.owner());
}

TEST_F(TokensTest, EncodesAllBitsAsBase64Url) {
  struct : hal::Entropy {
    bool do_fill(std::span<std::byte> bytes) override {
      std::fill(bytes.begin(), bytes.end(), std::byte{0xFF});
      return true;
    }
  } ones;
  ASSERT_TRUE(tokens.open(store, ones));
  EXPECT_EQ(tokens.owner(), std::string(42, '_') + "8");
}

TEST_F(TokensTest, TheOwnerMayDoEverything) {
  ASSERT_TRUE(tokens.open(store, entropy));
  const Result<Principal> owner = tokens.check(tokens.owner());
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->name.view(), "owner");
  EXPECT_TRUE(owner->may(Right::read, "cabin/temperature"));
  EXPECT_TRUE(owner->may(Right::control, "cabin/heater"));
}

TEST_F(TokensTest, EveryOtherTextIsRefused) {
  ASSERT_TRUE(tokens.open(store, entropy));
  const std::string right{tokens.owner()};
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::string wrong = right;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.check(wrong)) << i;
    EXPECT_FALSE(tokens.check(right.substr(0, i))) << i;
  }
  for (const std::string& wrong : {right + "A", right + right, right + '\0', std::string(43, '\0')}) {
    const Result<Principal> nobody = tokens.check(wrong);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().reason, Reason::unauthenticated);
    EXPECT_EQ(nobody.error().detail.view().find(right), std::string_view::npos);
  }
}

TEST_F(TokensTest, NobodyComesInBeforeOpenOrAfterAFailedOne) {
  EXPECT_FALSE(tokens.check(""));
  EXPECT_FALSE(tokens.check(std::string(43, '\0')));
  entropy.good = false;
  const Result<void> opened = tokens.open(store, entropy);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::failed);
  EXPECT_TRUE(store.records.empty());
  EXPECT_FALSE(tokens.check(tokens.owner()));
  EXPECT_FALSE(tokens.check(std::string(43, '\0')));
}

TEST_F(TokensTest, ATokenThatCannotBeKeptIsNotUsed) {
  store.writes_left = 0;
  EXPECT_FALSE(tokens.open(store, entropy));
  EXPECT_TRUE(tokens.owner().empty());
}

TEST_F(TokensTest, ADamagedRecordIsToldAndKept) {
  const std::string good(43, 'x');
  for (const std::string& bad :
       {std::string{}, good.substr(1), good + "x", "!" + good.substr(1), std::string(500, 'x')}) {
    store.records["token"] = bad;
    Tokens damaged;
    const Result<void> opened = damaged.open(store, entropy);
    ASSERT_FALSE(opened) << bad;
    EXPECT_EQ(opened.error().reason, Reason::malformed);
    EXPECT_EQ(opened.error().field.view(), "token");
    EXPECT_TRUE(opened.error().detail.view().ends_with("remove it for a new one"));
    EXPECT_EQ(store.records["token"], bad);
    EXPECT_FALSE(damaged.check(bad));
  }
}

TEST_F(TokensTest, AnEditorsNewlineDoesNoHarm) {
  store.records["token"] = std::string(43, 'x') + "\n";
  ASSERT_TRUE(tokens.open(store, entropy));
  EXPECT_TRUE(tokens.check(std::string(43, 'x')));
}

}  // namespace
}  // namespace signalbox::trust
