#include "protocol/messages/history.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"

namespace signalbox::protocol {
namespace {

Result<AskHistory> read(const std::string& text) {
  const Parsed tree = parse(text);
  return read_history(JsonReader{tree.get(), "payload"});
}

TEST(AskHistory, HasDefaults) {
  const Result<AskHistory> ask = read(R"({"paths":["#"],"from":5,"to":9})");
  ASSERT_TRUE(ask.has_value());
  EXPECT_EQ(ask->paths.count, 1);
  EXPECT_EQ(ask->query.from_ms, 5);
  EXPECT_EQ(ask->query.to_ms, 9);
  EXPECT_EQ(ask->query.step_ms, 0);
  EXPECT_EQ(ask->query.aggregates, HistoryQuery::kAll);
  EXPECT_EQ(ask->query.cursor.after, 0U);
  EXPECT_TRUE(ask->epoch.empty());
}

TEST(AskHistory, ReadsEachMember) {
  const Result<AskHistory> ask = read(
      R"({"paths":["a"],"from":5,"to":9,"stepMs":2,"aggregate":["count","min"],"cursor":"3.18446744073709551615.-7.e7.f3"})");
  ASSERT_TRUE(ask.has_value());
  EXPECT_EQ(ask->query.step_ms, 2);
  EXPECT_EQ(ask->query.aggregates, HistoryQuery::count | HistoryQuery::min);
  EXPECT_EQ(ask->query.cursor.channel, 3);
  EXPECT_EQ(ask->query.cursor.after, 18446744073709551615U);
  EXPECT_EQ(ask->query.cursor.started_ms, -7);
  EXPECT_EQ(ask->epoch.view(), "e7.f3");
}

TEST(AskHistory, RefusesWhatCannotBeMeant) {
  const std::string start = R"({"paths":["a"],"from":5,"to":9,)";
  const auto with = [&](const char* rest) { return start + rest + "}"; };
  const std::array<std::string, 20> texts{
      with(R"("stepMs":0)"),
      with(R"("stepMs":86400001)"),
      with(R"("stepMs":1.5)"),
      with(R"("stepMs":"1")"),
      with(R"("aggregate":["last"])"),
      with(R"("stepMs":1,"aggregate":[])"),
      with(R"("stepMs":1,"aggregate":"last")"),
      with(R"("stepMs":1,"aggregate":["last","median"])"),
      with(R"("stepMs":1,"aggregate":["last","last"])"),
      with(R"("stepMs":1,"aggregate":["last",2])"),
      with(R"("stepMs":1,"aggregate":["last","min","max","mean","count","last"])"),
      with(R"("cursor":7)"),
      with(R"("cursor":"")"),
      with(R"("cursor":"0.1.2")"),
      with(R"("cursor":"0.1.2.")"),
      with(R"("cursor":"-1.1.2.e")"),
      with(R"("cursor":"0.1.99999999999999999.e")"),
      with(R"("cursor":"70000.1.2.e")"),
      with(R"("cursor":"0.1.2.12345678901234567")"),
      start + "\"cursor\":" + quoted(80) + "}",
  };
  std::size_t i = 0;
  expect_refused(read_history,
                 {
                     {texts[i++].c_str(), Reason::out_of_range, "payload.stepMs"},
                     {texts[i++].c_str(), Reason::out_of_range, "payload.stepMs"},
                     {texts[i++].c_str(), Reason::malformed, "payload.stepMs"},
                     {texts[i++].c_str(), Reason::malformed, "payload.stepMs"},
                     {texts[i++].c_str(), Reason::malformed, "payload.aggregate"},
                     {texts[i++].c_str(), Reason::malformed, "payload.aggregate"},
                     {texts[i++].c_str(), Reason::malformed, "payload.aggregate"},
                     {texts[i++].c_str(), Reason::malformed, "payload.aggregate[1]"},
                     {texts[i++].c_str(), Reason::malformed, "payload.aggregate[1]"},
                     {texts[i++].c_str(), Reason::malformed, "payload.aggregate[1]"},
                     {texts[i++].c_str(), Reason::too_big, "payload.aggregate"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::malformed, "payload.cursor"},
                     {texts[i++].c_str(), Reason::too_big, "payload.cursor"},
                     {R"({"from":5,"to":9})", Reason::malformed, "payload.paths"},
                     {R"({"paths":["a"],"to":9})", Reason::malformed, "payload.from"},
                     {R"({"paths":["a"],"from":5})", Reason::malformed, "payload.to"},
                     {R"({"paths":["a"],"from":"5","to":9})", Reason::malformed, "payload.from"},
                     {R"({"paths":["a"],"from":-1,"to":9})", Reason::out_of_range, "payload.from"},
                     {R"({"paths":["a"],"from":5,"to":1e17})", Reason::out_of_range, "payload.to"},
                     {R"({"paths":["a"],"from":5,"to":5})", Reason::out_of_range, "payload.to"},
                     {R"({"paths":["a"],"from":5.5,"to":9})", Reason::malformed, "payload.from"},
                 });
}

/// A cabin with a past: a temperature every 100 ms.
class HistoryPageTest : public testing::Test {
 protected:
  static constexpr std::int64_t kStart = Cabin::kUnixMs;

  void put(double value, device::Quality quality = device::Quality::good) {
    cabin.put(Cabin::temperature, {value, quality, cabin.now});
    cabin.now += from_ms(100);
  }
  HistoryPage page(std::int64_t step_ms = 0, device::ChannelSet channels = 1U << Cabin::temperature) const {
    HistoryPage page{.channels = channels, .query = {}};
    page.query.from_ms = kStart;
    page.query.to_ms = kStart + 10'000;
    page.query.step_ms = step_ms;
    page.query.cursor.started_ms = kStart - 5000;
    return page;
  }
  std::string payload(const HistoryPage& of) const { return shown(parse(cabin.encode(of)), "payload"); }
  std::string series(const HistoryPage& of) const { return shown(parse(cabin.encode(of)), "payload.series"); }

  Cabin cabin;
};

TEST_F(HistoryPageTest, tells_the_samples_as_they_were) {
  put(20.5);
  put(21, device::Quality::fault);
  EXPECT_EQ(
      payload(page()),
      R"({"epoch":"e7f3","offset":6,"series":[{"channel":"cabin/temperature","complete":true,"samples":[)"
      R"({"offset":5,"value":20.5,"quality":"good","at":1763683200123},)"
      R"({"offset":6,"value":21,"quality":"fault","at":1763683200223}]}]})");
}

TEST_F(HistoryPageTest, from_belongs_to_it_and_to_does_not) {
  for (int i = 0; i < 5; ++i) put(i);
  HistoryPage asked = page();
  asked.query.from_ms = kStart + 100;
  asked.query.to_ms = kStart + 300;
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.samples.0.value"), "1");
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.samples.1.value"), "2");
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.samples.2"), "");
}

TEST_F(HistoryPageTest, a_channel_without_samples_has_an_empty_series) {
  EXPECT_EQ(series(page(0, 1U << Cabin::fan)), R"([{"channel":"cabin/fan","complete":true,"samples":[]}])");
}

TEST_F(HistoryPageTest, what_was_never_read_is_null) {
  cabin.put(Cabin::fan, {5.0, device::Quality::fault, cabin.now});
  EXPECT_EQ(shown(parse(cabin.encode(page(0, 1U << Cabin::fan))), "payload.series.0.samples"),
            R"([{"offset":5,"value":null,"quality":"fault","at":null}])");
}

TEST_F(HistoryPageTest, what_was_overwritten_makes_it_incomplete) {
  for (int i = 0; i < 9; ++i) put(i);  // the ring has eight places, and one sample was there before
  HistoryPage asked = page();
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.complete"), "false");
  asked.query.from_ms = kStart + 100;
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.complete"), "true")
      << "what is lost was not asked for";
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.samples.7.value"), "8");
}

TEST_F(HistoryPageTest, steps_tell_what_their_readings_came_to) {
  for (const double value : {20.0, 23.0, 21.0}) put(value);  // one step of 300 ms
  put(30, device::Quality::fault);                           // in the second
  put(25);
  EXPECT_EQ(series(page(300)),
            R"([{"channel":"cabin/temperature","complete":true,"steps":[)"
            R"({"at":1763683200123,"last":21,"min":20,"max":23,"mean":21.333333333333332,"count":3},)"
            R"({"at":1763683200423,"last":25,"min":25,"max":25,"mean":25,"count":1}]}])");
}

TEST_F(HistoryPageTest, steps_without_a_reading_are_left_out) {
  put(20);
  put(21, device::Quality::stale);
  cabin.now += from_ms(800);
  put(22);
  EXPECT_EQ(shown(parse(cabin.encode(page(100))), "payload.series.0.steps.1.at"), "1763683201123");
  EXPECT_EQ(shown(parse(cabin.encode(page(100))), "payload.series.0.steps.2"), "");
}

TEST_F(HistoryPageTest, steps_tell_only_what_was_asked_for_and_numbers_only_of_numbers) {
  put(20);
  cabin.put(Cabin::mode, {device::EnumIndex{1}, device::Quality::good, cabin.now});
  HistoryPage asked = page(1000);
  asked.query.aggregates = HistoryQuery::max | HistoryQuery::count;
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.steps.0"),
            R"({"at":1763683200123,"max":20,"count":1})");
  EXPECT_EQ(shown(parse(cabin.encode(page(1000, 1U << Cabin::mode))), "payload.series.0.steps.0"),
            R"({"at":1763683200123,"last":"low","count":1})");
}

/// All pages of one question, each in that many bytes.
std::vector<std::string> pages_of(const Cabin& cabin, HistoryPage page, std::size_t bytes) {
  std::vector<std::string> pages;
  std::vector<char> memory(bytes);
  for (std::string cursor = "begin"; !cursor.empty() && pages.size() < 100;) {
    pages.emplace_back(envelope().encode(Answer{{}, page}, nullptr, cabin.view(), memory));
    EXPECT_FALSE(pages.back().empty());
    cursor = shown(parse(pages.back()), "payload.cursor");
    if (cursor.empty()) break;
    const Result<AskHistory> next = read(R"({"paths":["#"],"from":1,"to":2,"cursor":)" + cursor + "}");
    EXPECT_TRUE(next.has_value());
    EXPECT_EQ(next->epoch.view(), "e7f3");
    page.query.cursor = next->query.cursor;
  }
  return pages;
}

TEST_F(HistoryPageTest, pages_tell_each_sample_once) {
  for (int i = 0; i < 7; ++i) put(i);
  const std::vector<std::string> pages = pages_of(cabin, page(0, 0b11111), 900);
  EXPECT_GT(pages.size(), 2U);
  std::string values;
  for (const std::string& text : pages)
    for (int s = 0; !shown(parse(text), "payload.series." + std::to_string(s)).empty(); ++s)
      for (int i = 0;; ++i) {
        const std::string at = "payload.series." + std::to_string(s) + ".samples." + std::to_string(i);
        if (shown(parse(text), at).empty()) break;
        values += shown(parse(text), at + ".offset") + " ";
      }
  EXPECT_EQ(values, "5 6 7 8 9 10 11 ") << "the samples before `from` are not asked for";
  EXPECT_EQ(shown(parse(pages.back()), "payload.cursor"), "");
}

TEST_F(HistoryPageTest, whatever_the_room_a_page_is_whole_or_none) {
  for (int i = 0; i < 7; ++i) put(i);
  for (std::size_t size = 0; size < 2000; ++size) {
    std::vector<char> exact(size);
    const std::string_view text =
        envelope().encode(Answer{{"c-17", "t-1"}, page(100, 0b11111)}, nullptr, cabin.view(), exact);
    EXPECT_TRUE(text.empty() || parse(text) != nullptr) << text;
  }
}

TEST_F(HistoryPageTest, a_page_looks_at_so_many_entries_and_no_more) {
  std::vector<telemetry::History::Entry> long_past(6000);
  std::array<telemetry::History::Track, Cabin::count> long_tracks{};
  telemetry::History history{{long_tracks, std::span{long_past}.first(6000)}};
  const View view{cabin.roster, cabin.values, history, cabin.limits, cabin.clock, cabin.now, "e7f3", "0.1.0"};
  for (std::uint64_t i = 1; i <= 1200; ++i)
    for (const device::ChannelIndex channel : std::initializer_list<device::ChannelIndex>{0, 1, 2, 3, 4})
      history.put(channel, {.sample = {1.0, device::Quality::fault, cabin.now}, .offset = 10 * i + channel});
  std::array<char, 4096> memory{};
  const HistoryPage asked = page(1000, 0b11111);
  const std::string_view text = envelope().encode(Answer{{}, asked}, nullptr, view, memory);
  EXPECT_EQ(shown(parse(text), "payload.cursor"), R"("4.0.1763683195123.e7f3")")
      << "four channels, each one step";
}

/// The same cabin after a restart: two samples of the run before, two of this one.
class RestoredPageTest : public HistoryPageTest {
 protected:
  RestoredPageTest() {
    for (const std::int64_t ms : {0, 100}) {
      restored.restore(Cabin::temperature, {.value = 20.0,
                                            .taken_at = Instant{from_ms(kStart + ms)},
                                            .offset = cabin.values.advance(),
                                            .quality = device::Quality::good,
                                            .was_read = true});
    }
    restored.end_past(cabin.values.offset());
    for (const double value : {21.0, 22.0}) {
      cabin.now += from_ms(100);
      cabin.values.put(Cabin::temperature, {value, device::Quality::good, cabin.now});
      restored.put(Cabin::temperature, cabin.values.of(Cabin::temperature));
    }
  }
  /// This run's clock stood at `started_ms` at its zero, 5,100 and 5,200 ms before its samples.
  std::string told(HistoryPage asked, std::int64_t started_ms, const char* what) {
    asked.query.cursor.started_ms = started_ms;
    const View view{cabin.roster, cabin.values, restored, cabin.limits, cabin.clock, cabin.now, "e7f3", "0"};
    const std::string_view text = envelope().encode(Answer{{}, asked}, nullptr, view, memory);
    std::string all;
    for (int i = 0;; ++i) {
      const std::string entry = std::string{"payload.series.0."} + what + "." + std::to_string(i);
      if (shown(parse(text), entry).empty()) return all;
      all += shown(parse(text), entry + ".at") + " ";
      if (asked.query.step_ms > 0) all += "x" + shown(parse(text), entry + ".count") + " ";
    }
  }

  std::array<telemetry::History::Track, Cabin::count> restored_tracks{};
  std::array<telemetry::History::Entry, std::size_t{Cabin::count} * 8> restored_entries{};
  telemetry::History restored{{restored_tracks, restored_entries}};
  std::array<char, 4096> memory{};
};

TEST_F(RestoredPageTest, earlier_runs_keep_their_times) {
  EXPECT_EQ(told(page(), kStart - 5000, "samples"),
            "1763683200123 1763683200223 1763683200223 1763683200323 ");
  EXPECT_EQ(told(page(), kStart - 4500, "samples"),
            "1763683200123 1763683200223 1763683200723 1763683200823 ");
}

TEST_F(RestoredPageTest, each_run_is_asked_by_its_own_clock) {
  HistoryPage asked = page();
  asked.query.from_ms = kStart + 50;
  EXPECT_EQ(told(asked, 0, "samples"), "1763683200223 ") << "a clock that is not set yet";
  asked.query.from_ms = 0;
  EXPECT_EQ(told(asked, 0, "samples"), "1763683200123 1763683200223 5100 5200 ");
  asked.query.to_ms = 5200;
  EXPECT_EQ(told(asked, 0, "samples"), "5100 ");
  asked.query.to_ms = kStart + 100;
  EXPECT_EQ(told(asked, kStart, "samples"), "1763683200123 ");
}

TEST_F(RestoredPageTest, a_step_in_which_the_device_restarted_is_one) {
  EXPECT_EQ(told(page(1000), kStart - 5000, "steps"), "1763683200123 x4 ");
  EXPECT_EQ(told(page(200), kStart - 5000, "steps"), "1763683200123 x3 1763683200323 x1 ");
}

TEST_F(RestoredPageTest, a_cursor_goes_on_behind_the_restart) {
  HistoryPage asked = page();
  asked.query.cursor.after = 5;  // the cabin's own four came before: this is the first of the restored ones
  EXPECT_EQ(told(asked, kStart - 5000, "samples"), "1763683200223 1763683200223 1763683200323 ");
  asked.query.cursor.after = 6;
  EXPECT_EQ(told(asked, kStart - 5000, "samples"), "1763683200223 1763683200323 ");
}

TEST_F(HistoryPageTest, pages_count_each_reading_once_even_when_the_clock_jumps) {
  for (int i = 0; i < 8; ++i) put(i);
  HistoryPage asked = page(100);
  std::vector<char> memory(900);
  const std::string first{envelope().encode(Answer{{}, asked}, nullptr, cabin.view(), memory)};
  const std::string cursor = shown(parse(first), "payload.cursor");
  ASSERT_NE(cursor, "");
  cabin.clock.wall.unix_ms += 3'600'000;
  asked.query.cursor = read(R"({"paths":["#"],"from":1,"to":2,"cursor":)" + cursor + "}")->query.cursor;
  const std::string rest{envelope().encode(Answer{{}, asked}, nullptr, cabin.view(), memory)};
  const auto last_of_first = shown(at(parse(first).get(), "payload.series.0.steps"));
  const std::size_t told = at(parse(first).get(), "payload.series.0.steps")->size();
  EXPECT_EQ(shown(parse(rest), "payload.series.0.steps.0.at"),
            std::to_string(kStart + 100 * static_cast<std::int64_t>(told)))
      << last_of_first;
}

TEST_F(HistoryPageTest, what_was_overwritten_between_pages_makes_the_next_one_incomplete) {
  for (int i = 0; i < 8; ++i) put(i);
  HistoryPage asked = page();
  asked.query.cursor.after = 5;  // offsets 5 to 12 are kept
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.complete"), "true");
  put(8);
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.complete"), "true");
  put(9);
  EXPECT_EQ(shown(parse(cabin.encode(asked)), "payload.series.0.complete"), "false");
}

}  // namespace
}  // namespace signalbox::protocol
