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
  EXPECT_TRUE(code.check(text));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_TRUE(code.check(text));
  std::replace(text.begin(), text.end(), '-', ' ');
  std::replace(text.begin(), text.end(), '0', 'o');
  std::replace(text.begin(), text.end(), '1', 'l');
  EXPECT_TRUE(code.check(text));
  code.forget();
  EXPECT_EQ(code.check(text).error().reason, Reason::conflict);
  EXPECT_TRUE(code.text().empty());
  EXPECT_EQ(code.check("").error().reason, Reason::conflict) << "no code is no empty code";
}

TEST_F(ClaimCodeTest, NothingElseIsTaken) {
  const std::string right{code.text()};
  for (const std::string& wrong :
       {std::string{}, right.substr(1), right + "0", std::string(500, 'A'), right + '\0'}) {
    EXPECT_EQ(code.check(wrong).error().reason, Reason::forbidden) << wrong;
  }
  EXPECT_EQ(code.wrong(), 5U);
  EXPECT_TRUE(code.check(right));
}

TEST_F(ClaimCodeTest, EachLetterThatLooksLikeADigitIsTakenForIt) {
  const auto has = [&](char digit) { return code.text().view().find(digit) != std::string_view::npos; };
  while (!has('0') || !has('1')) ASSERT_TRUE(code.make(random));
  for (const auto& [digit, letter] : {std::pair{'0', 'o'}, std::pair{'0', 'O'}, std::pair{'1', 'i'},
                                      std::pair{'1', 'I'}, std::pair{'1', 'l'}, std::pair{'1', 'L'}}) {
    std::string text{code.text()};
    std::replace(text.begin(), text.end(), digit, letter);
    EXPECT_TRUE(code.check(text)) << letter;
    text[text.find(letter)] = 'z';
    EXPECT_FALSE(code.check(text)) << letter;
  }
  for (const char other : {'@', '[', '`', '{', '~', '/', ':', '\x80'}) {
    std::string text{code.text()};
    text[3] = other;
    EXPECT_FALSE(code.check(text)) << other;
  }
}

TEST_F(ClaimCodeTest, WithoutRandomnessThereIsNone) {
  run_dry(random, entropy);
  ClaimCode none;
  EXPECT_EQ(none.make(random).error().reason, Reason::failed);
  EXPECT_TRUE(none.text().empty());
  EXPECT_EQ(none.check("0000-0000-0000").error().reason, Reason::conflict);
}

}  // namespace
}  // namespace signalbox::trust
