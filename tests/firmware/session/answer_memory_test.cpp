#include "session/answer_memory.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace signalbox::session {
namespace {

using Found = AnswerMemory::Found;

class AnswerMemoryTest : public testing::Test {
 protected:
  AnswerMemory::Lookup ask(std::string_view msg_id, std::uint64_t digest = 1,
                           std::string_view client_id = "c", std::string_view who = "ann") {
    return memory.look_up({who, client_id, msg_id, digest}, now);
  }
  std::vector<std::uint32_t> finish(std::uint32_t place) {
    std::vector<std::uint32_t> places;
    memory.finish(place, protocol::Ack{protocol::Ack::Outcome::applied}, now,
                  [&](const Waiter& waiter) { places.push_back(waiter.place); });
    return places;
  }

  /// Others wait for answers in half of the places.
  void fill_half() {
    for (const char* who : {"eve", "joe"})
      for (const char* msg_id : {"1", "2", "3"}) ask(msg_id, 1, "c", who);
  }
  bool wait(std::uint32_t place, const Waiter& waiter) {
    return memory.wait(place, waiter, [this](Handle session) { return session != gone; });
  }

  Instant now{from_ms(1000)};
  Handle gone;
  std::array<RememberedAnswer, 12> slots{};
  std::array<std::uint32_t, 12> buckets{};
  AnswerMemory memory{{slots, buckets}};
};

TEST_F(AnswerMemoryTest, ARepeatMeetsItsAnswer) {
  const auto first = ask("m1");
  EXPECT_EQ(first.found, Found::fresh);
  EXPECT_EQ(ask("m1").found, Found::waiting);
  EXPECT_TRUE(wait(first.place, {{1, 1}, 5}));
  EXPECT_TRUE(wait(first.place, {{2, 1}, 6}));
  EXPECT_FALSE(wait(first.place, {{3, 1}, 7})) << "two wait already";
  gone = {1, 1};
  EXPECT_TRUE(wait(first.place, {{3, 1}, 7})) << "nobody waits there any more";
  EXPECT_FALSE(wait(first.place, {{4, 1}, 8}));
  EXPECT_EQ(finish(first.place), (std::vector<std::uint32_t>{7, 6}));
  const auto again = ask("m1");
  EXPECT_EQ(again.found, Found::answered);
  EXPECT_EQ(again.place, first.place);
  EXPECT_TRUE(std::holds_alternative<protocol::Ack>(memory.answer(again.place)));
}

TEST_F(AnswerMemoryTest, TheSameNameForSomethingElseIsDifferent) {
  ask("m1", 1);
  EXPECT_EQ(ask("m1", 2).found, Found::different);
}

TEST_F(AnswerMemoryTest, ANumberIsNotTheTextOfItsDigits) {
  EXPECT_EQ(memory.look_up({"ann", "c", "7", 1, true}, now).found, Found::fresh);
  EXPECT_EQ(memory.look_up({"ann", "c", "7", 2, false}, now).found, Found::fresh);
  EXPECT_EQ(memory.look_up({"ann", "c", "7", 1, true}, now).found, Found::waiting);
}

TEST_F(AnswerMemoryTest, NamesAreTheirOwnersOwn) {
  ask("m1");
  EXPECT_EQ(ask("m2").found, Found::fresh);
  EXPECT_EQ(ask("m1", 1, "d").found, Found::fresh);
  EXPECT_EQ(memory.gauge().used, 3U);
}

TEST_F(AnswerMemoryTest, AnotherPrincipalIsAnother) {
  ask("m1");
  EXPECT_EQ(ask("m1", 1, "c", "bob").found, Found::fresh);
}

TEST_F(AnswerMemoryTest, NamesDoNotRunIntoEachOther) {
  ask("m1", 1, "ab");
  EXPECT_EQ(ask("bm1", 1, "a").found, Found::fresh);
}

TEST_F(AnswerMemoryTest, AShareIsTakenUntilTheOldestOfThemMayGo) {
  finish(ask("m1", 1, "c", "bob").place);
  now += from_ms(10);
  const auto first = ask("m1");
  now += from_ms(10);
  finish(ask("m2").place);
  finish(ask("m3").place);
  fill_half();
  EXPECT_EQ(ask("m4").found, Found::share);
  EXPECT_EQ(memory.gauge().refused, 1U);
  EXPECT_EQ(ask("m2", 1, "c", "bob").found, Found::fresh) << "others have their own";
  finish(first.place);
  const auto refused = ask("m4");
  EXPECT_EQ(refused.found, Found::share) << "answered, but not long enough ago";
  EXPECT_EQ(memory.retry_after(refused.place, now), kAnswerKept - from_ms(10));
  now += kAnswerKept - from_ms(10);
  EXPECT_EQ(ask("m4").found, Found::fresh);
  EXPECT_EQ(ask("m5").found, Found::share) << "the others are younger";
}

TEST_F(AnswerMemoryTest, IsFullWhereAllSharesAreTaken) {
  for (const char* who : {"ann", "bob", "eve", "joe"}) {
    for (const char* msg_id : {"1", "2", "3"}) ask(msg_id, 1, "c", who);
    now += from_ms(1);
  }
  const auto refused = ask("1", 1, "c", "zoe");
  EXPECT_EQ(refused.found, Found::full);
  EXPECT_EQ(memory.retry_after(refused.place, now), kAnswerKept - from_ms(4));
}

TEST_F(AnswerMemoryTest, WhoeverIsAloneHasAllButTheLastQuarter) {
  for (int i = 0; i < 9; ++i) EXPECT_EQ(ask(std::to_string(i)).found, Found::fresh);
  EXPECT_EQ(ask("9").found, Found::share);
  EXPECT_EQ(ask("1", 1, "c", "bob").found, Found::fresh);
}

TEST_F(AnswerMemoryTest, WhatIsNotAnsweredStaysHoweverOld) {
  fill_half();
  ask("m1");
  ask("m2");
  ask("m3");
  now += 3 * kAnswerKept;
  EXPECT_EQ(ask("m4").found, Found::share);
  EXPECT_EQ(ask("m1").found, Found::waiting);
}

TEST_F(AnswerMemoryTest, OneThatIsProvenForLongHoldsUpNoOther) {
  const auto slow = ask("slow");
  for (int i = 0; i < 100; ++i) {
    const auto next = ask(std::to_string(i));
    EXPECT_EQ(next.found, Found::fresh) << i;
    finish(next.place);
    now += kAnswerKept / 4;
  }
  EXPECT_EQ(ask("slow").found, Found::waiting);
  finish(slow.place);
  now += kResumeWindow - from_ms(1);
  EXPECT_EQ(ask("slow").found, Found::answered) << "whoever comes back meets it";
  now += from_ms(1);
  EXPECT_EQ(ask("slow").found, Found::fresh);
}

TEST_F(AnswerMemoryTest, EveryPlaceIsFoundHoweverTheyCameAndWent) {
  std::vector<std::pair<std::string, std::uint32_t>> kept;
  for (unsigned i = 0; i < 2000; ++i) {
    if (kept.size() == 9 || (i * 2654435761U >> 30U) == 0) {
      if (kept.empty()) continue;
      const auto leaving = kept.begin() + (i * 40503U >> 3U) % static_cast<unsigned>(kept.size());
      memory.forget(leaving->second);
      kept.erase(leaving);
    } else {
      const auto taken = ask(std::to_string(i));
      ASSERT_EQ(taken.found, Found::fresh);
      kept.emplace_back(std::to_string(i), taken.place);
    }
    EXPECT_EQ(memory.gauge().used, kept.size());
    for (const auto& [msg_id, place] : kept) {
      const auto found = ask(msg_id);
      EXPECT_TRUE(found.found == Found::waiting && found.place == place) << i;
    }
  }
}

TEST_F(AnswerMemoryTest, WhatWasRefusedMayBeAskedAgain) {
  memory.forget(ask("m1").place);
  EXPECT_EQ(ask("m1", 2).found, Found::fresh);
  EXPECT_EQ(memory.gauge().used, 1U) << "and its place is free";
}

TEST_F(AnswerMemoryTest, AnswersAreKeptLongerThanAnyDeadlineAndReturn) {
  EXPECT_GE(kAnswerKept, from_ms(protocol::kDeadlineMax_ms) + kResumeWindow);
}

TEST_F(AnswerMemoryTest, WhereAllPlacesAreTakenTheOneThatEndsFirstIsNamed) {
  fill_half();  // and nobody has answered
  std::vector<std::uint32_t> places;
  for (const char* who : {"ann", "bob", "kim"})
    for (const char* msg_id : {"1", "2"}) places.push_back(ask(msg_id, 1, "c", who).place);
  finish(places[3]);
  finish(places[4]);
  const auto lookup = ask("1", 1, "c", "zoe");
  EXPECT_EQ(lookup.found, Found::full);
  EXPECT_EQ(lookup.place, places[3]);
}

}  // namespace
}  // namespace signalbox::session
