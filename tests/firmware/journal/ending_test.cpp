#include "journal/ending.hpp"

#include <gtest/gtest.h>

#include "firmware/journal/record.hpp"

namespace signalbox::journal {
namespace {

TEST(Ending, OfNothingIsClean) {
  const Ending ending = read_ending("");
  EXPECT_TRUE(ending.is_empty);
  EXPECT_TRUE(ending.is_clean());
  EXPECT_EQ(ending.last.sequence, 0U);
}

TEST(Ending, IsCleanAfterAStopOnly) {
  Chain chain;
  chain.add({.kind = Record::Kind::started}).add(heated());
  const Ending cut_off = read_ending(chain.text());
  EXPECT_FALSE(cut_off.is_clean());
  EXPECT_FALSE(cut_off.is_damaged);
  EXPECT_EQ(cut_off.torn, 0U);
  EXPECT_EQ(cut_off.last.sequence, 2U);
  chain.add({.kind = Record::Kind::ended});
  EXPECT_TRUE(read_ending(chain.text()).is_clean());
}

TEST(Ending, ATornLineIsDroppedWhereverItWasCut) {
  Chain chain;
  chain.add({.kind = Record::Kind::ended}).add(heated());
  const std::string text = chain.text();
  const std::size_t first = chain.lines[0].size();
  for (std::size_t size = first + 1; size < text.size(); ++size) {
    const Ending ending = read_ending(text.substr(0, size));
    ASSERT_EQ(ending.torn, size - first);
    ASSERT_EQ(ending.last.sequence, 1U);
    ASSERT_FALSE(ending.is_damaged);
    ASSERT_FALSE(ending.is_clean());
  }
  for (std::size_t size = 1; size < first; ++size) {
    const Ending ending = read_ending(text.substr(0, size));
    ASSERT_TRUE(ending.is_empty);
    ASSERT_EQ(ending.torn, size);
    ASSERT_FALSE(ending.is_clean());
  }
}

TEST(Ending, BlocksThatWereNotWrittenAreTorn) {
  Chain chain;
  chain.add(heated()).add(heated()).add(heated()).add(heated());
  std::string text = chain.text();
  const std::size_t kept = chain.lines[0].size() + chain.lines[1].size();
  text.replace(kept + 20, 50, std::string(50, '\0'));
  const Ending ending = read_ending(text);
  EXPECT_EQ(ending.torn, text.size() - kept) << "whole lines behind the hole do not count";
  EXPECT_EQ(ending.last.sequence, 2U);
  EXPECT_FALSE(ending.is_damaged);
  EXPECT_EQ(read_ending(std::string(100, '\0')).torn, 100U);
}

TEST(Ending, AChangedLineStays) {
  Chain chain;
  chain.add(heated()).add(heated());
  std::string text = chain.text();
  text.replace(text.rfind("owner"), 5, "guest");
  const Ending ending = read_ending(text);
  EXPECT_TRUE(ending.is_damaged);
  EXPECT_FALSE(ending.is_open_ended);
  EXPECT_EQ(ending.torn, 0U);
  EXPECT_EQ(ending.last.sequence, 2U) << "numbers go on all the same";
}

TEST(Ending, WhatIsNoneOfOursStays) {
  for (const std::string& foreign :
       {std::string{"a diary\nmonday"}, std::string{"no line at all"}, std::string(Ending::kBytes, 'x')}) {
    const Ending ending = read_ending(foreign);
    EXPECT_TRUE(ending.is_damaged);
    EXPECT_TRUE(ending.is_open_ended);
    EXPECT_EQ(ending.torn, 0U);
    EXPECT_EQ(ending.last.sequence, 0U);
  }
  const Ending ending = read_ending("a diary\n");
  EXPECT_TRUE(ending.is_damaged);
  EXPECT_FALSE(ending.is_open_ended);
}

TEST(Ending, OfALongFileIsFoundInItsLastBytes) {
  Chain chain;
  for (int i = 0; i < 100; ++i) chain.add(heated());
  const std::string text = chain.text() + std::string(hal::AppendLog::kPieceBytesMax, '\0');
  const Ending ending = read_ending(std::string_view{text}.substr(text.size() - Ending::kBytes));
  EXPECT_EQ(ending.last.sequence, 100U);
  EXPECT_TRUE(ending.last.proves());
  EXPECT_EQ(ending.torn, hal::AppendLog::kPieceBytesMax);
}

}  // namespace
}  // namespace signalbox::journal
