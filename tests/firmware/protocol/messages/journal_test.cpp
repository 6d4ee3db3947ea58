#include "protocol/messages/journal.hpp"

#include <gtest/gtest.h>

#include "firmware/journal/record.hpp"
#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"
#include "machine/storage.hpp"

namespace signalbox::protocol {
namespace {

using journal::Record;

/// A device to which a few things happened: started, three movements of two channels, one of them refused.
class JournalPageTest : public testing::Test {
 protected:
  JournalPageTest() {
    cabin.journal.append(
        {.at_ms = 1, .kind = Record::Kind::started, .epoch = "e7f3", .detail = "signalbox 0.1.0"});
    cabin.journal.append(moved("cabin/heater", "applied"));
    cabin.journal.append(moved("tank/valve", "applied"));
    cabin.journal.append(moved("cabin/heater", "expired"));
  }
  static Record moved(std::string_view channel, std::string_view outcome) {
    Record record = journal::heated();
    record.at_ms = 1763683199123;
    record.latency_ms = 4;
    record.channel = channel;
    record.outcome = outcome;
    return record;
  }
  Parsed page(const ReadJournal& asked) const {
    return parse(cabin.encode(JournalPage{asked}, &cabin.principal));
  }
  /// The sequences on a page.
  static std::string sequences(const Parsed& page) {
    std::string all;
    const JsonValue* records = at(page.get(), "payload.records");
    for (std::size_t i = 0; i < records->size(); ++i) all += shown(at(records->entry(i), "sequence")) + " ";
    return all;
  }

  Cabin cabin;
};

TEST_F(JournalPageTest, TellsEachRecord) {
  const Parsed tree = page({});
  EXPECT_EQ(shown(tree, "type"), R"("journal")");
  EXPECT_EQ(shown(tree, "payload.epoch"), R"("e7f3")");
  EXPECT_EQ(shown(tree, "payload.oldest"), "1");
  EXPECT_EQ(shown(tree, "payload.newest"), "4");
  EXPECT_EQ(shown(tree, "payload.committed.sequence"), "0");
  EXPECT_EQ(shown(tree, "payload.committed.hash"), '"' + std::string(64, '0') + '"');
  EXPECT_EQ(shown(tree, "payload.committed.everyMs"), "1000");
  EXPECT_EQ(shown(tree, "payload.records.0"),
            R"({"sequence":1,"kind":"started","at":1,"epoch":"e7f3","detail":"signalbox 0.1.0"})");
  EXPECT_EQ(shown(tree, "payload.records.3"),
            R"({"sequence":4,"kind":"actuation","at":1763683199123,"channel":"cabin/heater",)"
            R"("cause":"command","who":"owner","session":"0-1","peer":"192.0.2.7","before":"false",)"
            R"("after":"true","outcome":"expired","latencyMs":4})");
  EXPECT_EQ(sequences(tree), "1 2 3 4 ");
  EXPECT_EQ(shown(tree, "payload.next"), "");
}

TEST_F(JournalPageTest, IsTurnedWithNext) {
  const Parsed first = page({.max = 2});
  EXPECT_EQ(sequences(first), "1 2 ");
  EXPECT_EQ(shown(first, "payload.next"), "2");
  const Parsed second = page({.after = 2, .max = 2});
  EXPECT_EQ(sequences(second), "3 4 ");
  EXPECT_EQ(shown(second, "payload.next"), "");
  EXPECT_EQ(sequences(page({.after = 4})), "");
}

TEST_F(JournalPageTest, BeginsWithTheOldestThereIs) {
  for (int i = 0; i < 6; ++i) cabin.journal.append(moved("cabin/heater", "applied"));
  const Parsed tree = page({.after = 1});
  EXPECT_EQ(shown(tree, "payload.oldest"), "3");
  EXPECT_EQ(sequences(tree), "3 4 5 6 7 8 9 10 ");
}

TEST_F(JournalPageTest, KeepsToTheChannelsAskedFor) {
  EXPECT_EQ(sequences(page({.channel = "cabin/#"})), "2 4 ") << "and leaves out what is the device's";
  EXPECT_EQ(sequences(page({.channel = "tank/valve"})), "3 ");
  EXPECT_EQ(sequences(page({.channel = "+"})), "");
}

TEST_F(JournalPageTest, DeadLettersAreWhatWasNotDone) {
  EXPECT_EQ(sequences(page({.failed_only = true})), "4 ");
}

TEST_F(JournalPageTest, ShowsOnlyWhatMayBeRead) {
  cabin.principal.scope = *Scope::parse("read:tank/#");
  EXPECT_EQ(sequences(page({})), "1 3 ");
  EXPECT_EQ(sequences(page({.channel = "cabin/heater"})), "");
  cabin.principal.scope = {};
  EXPECT_EQ(sequences(page({})), "1 ");
}

TEST_F(JournalPageTest, HasAsManyRecordsAsFit) {
  std::array<char, 1200> buffer{};
  const Answer answer{{"j", {}}, JournalPage{}};
  for (std::size_t size = 700; size < buffer.size(); ++size) {
    const std::string_view text =
        envelope().encode(answer, &cabin.principal, cabin.view(), std::span{buffer}.first(size));
    ASSERT_FALSE(text.empty()) << size;
    const Parsed tree = parse(text);
    ASSERT_NE(tree, nullptr) << text;
    const std::size_t count = at(tree.get(), "payload.records")->size();
    ASSERT_GE(count, 1U);
    ASSERT_EQ(shown(tree, "payload.next"), count == 4 ? "" : std::to_string(count));
  }
  EXPECT_TRUE(envelope().encode(answer, &cabin.principal, cabin.view(), std::span{buffer}.first(300)).empty())
      << "not even one fits: no page that would have to be asked for for ever";
}

TEST_F(JournalPageTest, TheLongestRecordFitsTheShortestFrame) {
  const std::string bytes(100, '\x01');
  const std::string_view worst = bytes;
  cabin.journal.append({.at_ms = -9'007'199'254'740'992,
                        .latency_ms = 0xFFFFFFFF,
                        .lost = std::uint64_t{1} << 53U,
                        .epoch = worst,
                        .channel = "cabin/heater",
                        .cause = worst,
                        .who = worst,
                        .session = worst,
                        .peer = worst,
                        .trace_id = worst,
                        .before = worst,
                        .after = worst,
                        .outcome = worst,
                        .detail = worst});
  std::array<char, machine::kEnvelopeBytesMax + journal::kLineBytesMax> frame{};
  for (const std::string_view name : dialect_names()) {
    const Answer answer{{worst, worst}, JournalPage{{.after = 4}}};
    EXPECT_FALSE(find_dialect(name)->encode(answer, &cabin.principal, cabin.view(), frame).empty()) << name;
  }
}

TEST_F(JournalPageTest, LooksAtABoundedNumberOfRecords) {
  std::vector<Record> places(3000);
  journal::Journal many{{places, {}}};
  for (int i = 0; i < 2500; ++i) many.append(moved("cabin/heater", "applied"));
  View view = cabin.view();
  view.journal = &many;
  std::array<char, 2000> buffer{};
  const Answer answer{{"j", {}}, JournalPage{{.failed_only = true}}};
  const Parsed tree = parse(envelope().encode(answer, &cabin.principal, view, buffer));
  EXPECT_EQ(sequences(tree), "");
  EXPECT_EQ(shown(tree, "payload.next"), "1000");
}

TEST(ReadJournal, AsksForEverythingOrLess) {
  const Result<ReadJournal> plain = read_journal(JsonReader{nullptr, "payload"});
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->after, 0U);
  EXPECT_EQ(plain->max, 100U);
  EXPECT_TRUE(plain->channel.empty());
  EXPECT_FALSE(plain->failed_only);
  const Parsed tree = parse(R"({"after":17,"max":5,"channel":"cabin/+","outcome":"failed"})");
  const Result<ReadJournal> asked = read_journal(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->after, 17U);
  EXPECT_EQ(asked->max, 5U);
  EXPECT_EQ(asked->channel.view(), "cabin/+");
  EXPECT_TRUE(asked->failed_only);
}

TEST(ReadJournal, RefusesTheRest) {
  expect_refused(read_journal, {
                                   {R"({"after":-1})", Reason::out_of_range, "payload.after"},
                                   {R"({"after":1.5})", Reason::malformed, "payload.after"},
                                   {R"({"after":"1"})", Reason::malformed, "payload.after"},
                                   {R"({"after":1e17})", Reason::out_of_range, "payload.after"},
                                   {R"({"max":0})", Reason::out_of_range, "payload.max"},
                                   {R"({"max":101})", Reason::out_of_range, "payload.max"},
                                   {R"({"max":true})", Reason::malformed, "payload.max"},
                                   {R"({"channel":"a/"})", Reason::malformed, "payload.channel"},
                                   {R"({"channel":""})", Reason::malformed, "payload.channel"},
                                   {R"({"channel":1})", Reason::malformed, "payload.channel"},
                                   {R"({"outcome":"applied"})", Reason::malformed, "payload.outcome"},
                                   {R"({"outcome":1})", Reason::malformed, "payload.outcome"},
                               });
}

}  // namespace
}  // namespace signalbox::protocol
