#include "journal/journal.hpp"

#include <gtest/gtest.h>
#include <memory>

#include "base/log.hpp"
#include "firmware/journal/record.hpp"
#include "sim/hal/append_log.hpp"

namespace signalbox::journal {
namespace {

std::vector<std::string> told;  // all but records
std::vector<std::string> told_records;

void sink(Severity, std::string_view line) {
  (line.starts_with("journal: sequence=") ? told_records : told).emplace_back(line);
}

class JournalTest : public testing::Test {
 protected:
  static constexpr std::size_t kRecords = 8;

  JournalTest() {
    told.clear();
    set_log_sink(sink);
    begin();
  }
  ~JournalTest() override { set_log_sink(nullptr); }

  /// The device starts; what there was in memory is gone.
  void begin(std::size_t records = kRecords) {
    log.cut_power(0);
    journal = std::make_unique<Journal>(Journal::Memory{std::span{places}.first(records), piece});
    ASSERT_TRUE(journal->open(log, {"e7f3", "0.1.0", {1'763'683'200'000}}).has_value());
    next = now;
  }
  /// Lets time pass, stepping when something is due.
  void pass(Duration time) {
    const Instant until = now + time;
    for (int steps = 0; next <= until; ++steps) {
      ASSERT_LT(steps, 10'000) << "it does not come to rest";
      now = std::max(now, next);
      next = journal->step(now);
      if (next <= now) next = journal->step(now);
    }
    now = until;
  }
  void append(int count = 1) {
    for (int i = 0; i < count; ++i) journal->append(heated());
    next = now;
  }
  void end() {
    journal->close(now, {});
    next = now;
    pass(from_ms(100));
    EXPECT_TRUE(journal->is_settled(now));
  }
  /// What the log holds must be a whole chain.
  Verdict proven() {
    Verdict verdict = verdict_on(disk);
    EXPECT_EQ(verdict.complaint, "") << disk;
    return verdict;
  }

  sim::Faults faults;
  std::string disk;
  sim::AppendLog log{faults, disk};
  std::array<Record, 64> places{};
  std::array<char, hal::AppendLog::kPieceBytesMax> piece{};
  std::unique_ptr<Journal> journal;
  Instant now{from_ms(1000)};
  Instant next{};
};

TEST_F(JournalTest, TellsTheLogWhatIsNoActuation) {
  told_records.clear();
  append(3);
  EXPECT_TRUE(told_records.empty());
  Record stop = heated();
  stop.kind = Record::Kind::stop;
  stop.trace_id = "t-\n1";
  stop.detail = std::string(95, 'x').c_str();
  journal->append(stop);
  ASSERT_EQ(told_records.size(), 1U);
  EXPECT_EQ(told_records[0].find("journal: sequence=5 kind=stop at="), 0U) << told_records[0];
  EXPECT_NE(told_records[0].find(" who=owner "), std::string::npos) << told_records[0];
  EXPECT_NE(told_records[0].find(" traceId=t-?1 "), std::string::npos) << told_records[0];
  EXPECT_LE(told_records[0].size(), 255U);
}

TEST_F(JournalTest, CommitsWhatIsAppended) {
  append(3);
  EXPECT_EQ(journal->newest(), 4U);
  EXPECT_EQ(journal->committed(), 0U);
  pass(from_ms(10));
  EXPECT_EQ(journal->committed(), 4U);
  EXPECT_EQ(proven().last, 4U);
  EXPECT_EQ(text_of(journal->head()).view(), disk.substr(disk.size() - 67, 64));
  EXPECT_EQ(next, kNever) << "nothing to do, nothing due";
}

TEST_F(JournalTest, CommitsAtMostOncePerInterval) {
  pass(from_ms(10));
  for (int i = 0; i < 20; ++i) {
    append();
    pass(from_ms(10));
  }
  EXPECT_EQ(journal->committed(), 1U) << "the second commit waits for its time";
  pass(Journal::kCommitEvery - from_ms(210));
  EXPECT_EQ(journal->committed(), 1U);
  pass(from_ms(10));
  EXPECT_GT(journal->committed(), 1U);
  append();
  pass(Journal::kCommitEvery + from_ms(10));
  EXPECT_EQ(journal->committed(), 22U);
  const Verdict verdict = proven();
  EXPECT_EQ(verdict.gaps, 1U) << "eight places hold no twenty records";
  EXPECT_EQ(verdict.last, 22U);
}

TEST_F(JournalTest, WritesInOneRoundWhatTakesSeveralPieces) {
  begin(64);
  append(50);
  pass(from_ms(50));
  EXPECT_EQ(journal->committed(), 51U);
  EXPECT_GT(disk.size(), 2 * hal::AppendLog::kPieceBytesMax);
  EXPECT_EQ(proven().gaps, 0U);
}

TEST_F(JournalTest, IsReadBySequence) {
  append(kRecords + 2);
  EXPECT_EQ(journal->newest(), 11U);
  EXPECT_EQ(journal->oldest(), 4U);
  EXPECT_EQ(journal->find(3), nullptr);
  EXPECT_EQ(journal->find(12), nullptr);
  for (std::uint64_t i = 4; i <= 11; ++i) EXPECT_EQ(journal->find(i)->sequence, i);
}

TEST_F(JournalTest, GoesOnAfterAStop) {
  append(2);
  end();
  begin();
  EXPECT_EQ(journal->newest(), 5U);
  EXPECT_EQ(journal->find(5)->kind, Record::Kind::started);
  EXPECT_EQ(journal->find(4), nullptr) << "what was before is in the log alone";
  end();
  EXPECT_EQ(proven().last, 6U);
  EXPECT_EQ(proven().gaps, 0U);
}

TEST_F(JournalTest, OwnsUpToACutOffRun) {
  append(2);
  pass(from_ms(10));
  append(2);  // never committed
  begin();
  ASSERT_EQ(journal->newest(), 5U);
  EXPECT_EQ(journal->find(4)->kind, Record::Kind::gap);
  EXPECT_EQ(journal->find(4)->detail.view(), "cut off: records of the last 1000 ms may be missing");
  end();
  EXPECT_EQ(proven().gaps, 1U);
}

TEST_F(JournalTest, AStopIsCommittedAtOnceAndOutlivesAPowerCut) {
  append();
  pass(from_ms(10));
  const std::uint64_t before = journal->committed();
  journal->append({.kind = Record::Kind::stop, .who = "ann"});
  next = now;
  pass(from_ms(10));
  EXPECT_EQ(journal->committed(), before + 1) << "in no need of a round";
  append();
  pass(from_ms(2000));
  begin();
  EXPECT_TRUE(journal->is_stop_latched()) << "whatever came after it";
  pass(from_ms(2000));
  begin();
  EXPECT_TRUE(journal->is_stop_latched());
  journal->append({.kind = Record::Kind::reset, .who = "ann"});
  next = now;
  pass(from_ms(10));
  begin();
  EXPECT_FALSE(journal->is_stop_latched());
  EXPECT_EQ(proven().gaps, 2U) << "the third one is still on its way";
}

TEST_F(JournalTest, RepairsATornLineWhereverThePowerWent) {
  pass(from_ms(10));
  const std::string before = disk;
  for (std::size_t kept = 0; kept < 700; kept += 7) {
    disk = before;
    begin();
    append(2);
    journal->step(now);  // under way
    log.cut_power(kept);
    begin();
    EXPECT_EQ(journal->find(journal->newest() - 1)->kind, Record::Kind::gap) << kept;
    end();
    EXPECT_GE(proven().proven, 4U) << kept;
  }
}

TEST_F(JournalTest, AFullDiskIsToldOnceAndTriedAgain) {
  pass(from_ms(10));
  faults.add({sim::FaultKind::fails, "journal", now, now + from_ms(5500)});
  append(3);
  pass(from_ms(5000));
  EXPECT_EQ(journal->committed(), 1U);
  EXPECT_GE(journal->counts().failures, 4U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0], "journal: not written: the disk is full; it goes on in memory and is tried again");
  pass(from_ms(2000));
  EXPECT_EQ(journal->committed(), 4U);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1], "journal: written again; lost so far: 0 records");
  EXPECT_EQ(proven().gaps, 0U) << "what was half written was written over";
}

TEST_F(JournalTest, WhatTheRingGaveUpIsAGapInTheLog) {
  pass(from_ms(10));
  faults.add({sim::FaultKind::fails, "journal", now, now + from_ms(3000)});
  append(20);
  EXPECT_EQ(journal->counts().lost, 12U);
  pass(from_ms(5000));
  EXPECT_EQ(journal->committed(), 21U);
  EXPECT_EQ(journal->counts().lost, 12U);
  EXPECT_NE(disk.find(R"("kind":"gap","lost":12,)"), std::string::npos);
  EXPECT_EQ(proven().proven, 1 + 1 + 8U);
}

TEST_F(JournalTest, AStoreThatHangsHoldsUpNobodyAndIsToldOnce) {
  pass(from_ms(10));
  faults.add({sim::FaultKind::hung, "journal", now, now + from_ms(60'000)});
  append();
  for (int i = 0; i < 50; ++i) {
    pass(from_ms(1000));
    append();
  }
  EXPECT_EQ(journal->committed(), 1U);
  EXPECT_EQ(journal->counts().failures, 1U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0], "journal: not written: the store is silent; it goes on in memory and is tried again");
  pass(from_ms(15'000));
  EXPECT_EQ(journal->committed(), 52U);
  EXPECT_EQ(told.size(), 2U);
  EXPECT_EQ(proven().gaps, 1U);
}

TEST_F(JournalTest, ClosingWaitsForTheStoreButNotForEver) {
  pass(from_ms(10));
  EXPECT_FALSE(journal->is_settled(now));
  append();
  journal->close(now, {});
  next = now;
  EXPECT_FALSE(journal->is_settled(now));
  pass(from_ms(10));
  EXPECT_TRUE(journal->is_settled(now)) << "it does not wait for the next commit's time";

  begin();
  faults.add({sim::FaultKind::hung, "journal", now, kNever});
  pass(from_ms(10));
  journal->close(now, {});
  EXPECT_FALSE(journal->is_settled(now));
  EXPECT_TRUE(journal->is_settled(now + Journal::kCloseWithin));
}

TEST_F(JournalTest, AChangedLineIsNotTakenForTrue) {
  append();
  end();
  disk.replace(disk.rfind("ended"), 5, "reset");
  begin();
  EXPECT_EQ(journal->newest(), 5U);
  EXPECT_EQ(journal->find(4)->kind, Record::Kind::gap);
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(told.back().starts_with("journal: its last line does not prove itself; a new chain begins"));
  end();
  const Verdict verdict = verdict_on(disk);
  EXPECT_EQ(verdict.proven, 2U) << "the change stays to be seen";
  EXPECT_TRUE(verdict.complaint.starts_with("hash:"));
}

TEST_F(JournalTest, DamageThatHidesAStopCountsAsOne) {
  append();
  pass(from_ms(2000));
  disk.replace(disk.rfind("heater"), 6, "cooler");
  begin();
  EXPECT_TRUE(journal->is_stop_latched());
}

TEST_F(JournalTest, WhatIsNoneOfOursStaysAndIsNotWrittenInto) {
  disk = "a diary\nmonday";
  begin();
  end();
  EXPECT_TRUE(disk.starts_with("a diary\nmonday\n{\"sequence\":1,\"kind\":\"gap\""));
  EXPECT_EQ(verdict_on(std::string_view{disk}.substr(15)).complaint, "");
}

TEST_F(JournalTest, AStoreThatCannotBeReadIsAnError) {
  faults.add({sim::FaultKind::fails, "journal", Instant{}, kNever});
  Journal other{{std::span{places}, piece}};
  const Result<void> opened = other.open(log, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().detail.view(), "cannot read journal: input/output error");
}

TEST_F(JournalTest, WithoutALogItIsInMemoryAlone) {
  Journal alone{{std::span{places}.first(2), {}}};
  for (int i = 0; i < 3; ++i) alone.append(heated());
  EXPECT_EQ(alone.step(now), kNever);
  EXPECT_EQ(alone.oldest(), 2U);
  EXPECT_EQ(alone.counts().lost, 0U) << "nobody promised to keep them";
  EXPECT_TRUE(alone.is_settled(now));
}

TEST_F(JournalTest, WithoutPlacesItCountsWhatIsMissing) {
  begin(0);
  append(3);
  pass(from_ms(10));
  EXPECT_EQ(journal->find(1), nullptr);
  EXPECT_EQ(journal->counts().lost, 4U);
  EXPECT_EQ(proven().last, 4U);
}

}  // namespace
}  // namespace signalbox::journal
