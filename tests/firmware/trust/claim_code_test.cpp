#include "trust/claim_code.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "firmware/trust/memory_store.hpp"

namespace signalbox::trust {
namespace {

struct ClaimCodeTest : testing::Test {
  ClaimCodeTest() {
    EXPECT_TRUE(random.seed(entropy));
    EXPECT_TRUE(code.make(random));
  }
  SeededEntropy entropy{1};
  Random random;
  ClaimCode code;
  Instant now{from_ms(1000)};
};

TEST_F(ClaimCodeTest, IsTwelveLettersThatNobodyMistakes) {
  const std::string text{code.text()};
  ASSERT_EQ(text.size(), 14U);
  EXPECT_EQ(text[4], '-');
  EXPECT_EQ(text[9], '-');
  EXPECT_EQ(text.find_first_of("ILOU"), std::string::npos);
  ClaimCode another;
  ASSERT_TRUE(another.make(random));
  EXPECT_NE(another.text(), code.text());
}

TEST_F(ClaimCodeTest, IsTakenAsPeopleTypeIt) {
  std::string text{code.text()};
  EXPECT_TRUE(code.check(text, now));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_TRUE(code.check(text, now));
  std::replace(text.begin(), text.end(), '-', ' ');
  std::replace(text.begin(), text.end(), '0', 'o');
  std::replace(text.begin(), text.end(), '1', 'l');
  EXPECT_TRUE(code.check(text, now));
  code.forget();
  EXPECT_EQ(code.check(text, now).error().reason, Reason::conflict);
  EXPECT_TRUE(code.text().empty());
  EXPECT_EQ(code.check("", now).error().reason, Reason::conflict) << "no code is no empty code";
}

TEST_F(ClaimCodeTest, WrongOnesMakeTheNextWaitLongerAndLonger) {
  const std::string right{code.text()};
  std::string wrong = right;
  wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
  for (std::uint32_t i = 0; i < ClaimCode::kFreeTries; ++i)
    EXPECT_EQ(code.check(wrong, now).error().reason, Reason::forbidden);
  Duration waited{0};
  Duration longest{0};
  for (int i = 0; i < 10; ++i) {
    const Result<void> refused = code.check(right, now);
    ASSERT_FALSE(refused) << "the right one has to wait as well";
    EXPECT_EQ(refused.error().reason, Reason::busy);
    const Duration wait = from_ms(refused.error().retry_after_ms);
    EXPECT_GE(wait, longest);
    longest = std::max(longest, wait);
    now += wait;
    waited += wait;
    EXPECT_EQ(code.check(wrong, now).error().reason, Reason::forbidden);
  }
  EXPECT_GE(waited, from_ms(4 * 60'000)) << "fifteen tries took that long";
  EXPECT_LE(longest, ClaimCode::kLongestWait + from_ms(1)) << "who stands there is not locked out";
  EXPECT_EQ(code.wrong(), ClaimCode::kFreeTries + 10);
  now += ClaimCode::kLongestWait;
  EXPECT_TRUE(code.check(right, now));
}

TEST_F(ClaimCodeTest, NothingElseIsTaken) {
  const std::string right{code.text()};
  for (const std::string& wrong :
       {std::string{}, right.substr(1), right + "0", std::string(500, 'A'), right + '\0'}) {
    EXPECT_EQ(code.check(wrong, now).error().reason, Reason::forbidden) << wrong;
    now += ClaimCode::kLongestWait;
  }
}

}  // namespace
}  // namespace signalbox::trust
