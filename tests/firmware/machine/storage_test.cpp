#include "machine/storage.hpp"

#include <gtest/gtest.h>
#include <tuple>

#include "protocol/dialect.hpp"

namespace signalbox::machine {
namespace {

constexpr Budget kBudget{.sessions_max = 2,
                         .spare_connections = 1,
                         .subscriptions_per_session_max = 3,
                         .commands_per_session_max = 2,
                         .answers_per_session_max = 10,
                         .frames_per_session_max = 4,
                         .frames_max = 3,
                         .frame_bytes = kEnvelopeBytesMax + 5 * kSampleBytesMax,
                         .inboxes_max = 2,
                         .message_bytes_max = 100,
                         .commands_max = 3,
                         .subscription_groups_max = 4,
                         .events_max = 7,
                         .presence_max = 6,
                         .announcements_max = 5,
                         .log_lines_max = 8,
                         .remembered_answers_max = 9,
                         .journal_records_max = 0,
                         .channels_max = 5,
                         .history_per_channel_max = 7,
                         .parts_max = 6,
                         .tls_region_bytes = 64,
                         .lws_region_bytes = 32};
using Places = Storage<kBudget>;

TEST(Storage, every_room_gets_what_the_budget_counts) {
  const Machine::Memory memory = Places::machine();
  EXPECT_EQ(memory.channels.size(), 5U);
  EXPECT_EQ(memory.latest.size(), 5U);
  EXPECT_EQ(memory.history.tracks.size(), 5U);
  EXPECT_EQ(memory.history.entries.size(), 5U * 7);
  EXPECT_EQ(memory.alarms.size(), 5U);
  EXPECT_EQ(memory.parts.size(), 6U);
  EXPECT_EQ(memory.control.queue.size(), 3U);
  EXPECT_EQ(memory.control.outputs.size(), 5U);
  EXPECT_EQ(memory.control.demands.size(), 5U);
  EXPECT_EQ(memory.control.authority.leases.size(), 5U);
  EXPECT_EQ(memory.control.authority.batons.size(), device::kBatonsMax);
  EXPECT_EQ(memory.news.events.size(), 7U);
  EXPECT_EQ(memory.news.presence.size(), 6U);
  EXPECT_EQ(memory.news.announcements.size(), 5U);
  EXPECT_EQ(memory.news.lines.size(), 8U);
  EXPECT_EQ(memory.sessions.answers.slots.size(), 9U);
  EXPECT_EQ(memory.sessions.sessions.size(), 2U);
  EXPECT_EQ(memory.sessions.places.size(), 2U * 10);
  EXPECT_EQ(memory.sessions.waiting.size(), 2U * 4);
  EXPECT_EQ(memory.sessions.folds.size(), 2U * 5);
  EXPECT_EQ(memory.sessions.frames.size(), 3U);
  EXPECT_EQ(memory.sessions.frame_bytes.size(), 3U * kBudget.frame_bytes);
  EXPECT_EQ(memory.sessions.inboxes.size(), 2U);
  EXPECT_EQ(memory.sessions.inbox_bytes.size(), 2U * 100);
  EXPECT_EQ(memory.sessions.publisher.groups.size(), 4U);
  EXPECT_EQ(memory.sessions.publisher.seen.size(), 4U * 5);
  EXPECT_EQ(memory.sessions.publisher.memberships.size(), 2U * 3);
  EXPECT_EQ(memory.journal.records.size(), 0U);
  EXPECT_EQ(memory.journal.piece.size(), hal::AppendLog::kPieceBytesMax);
}

/// A device whose every text is as long as it may be, and grows sixfold when it is escaped.
class LongestMessages : public testing::TestWithParam<std::tuple<device::ValueKind, std::string_view>> {
 protected:
  static constexpr std::string_view kWorst =
      "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      "\x01\x01\x01\x01";
  static constexpr double kLongestNumber = -2.2250738585072014e-308;

  LongestMessages() {
    for (std::size_t i = 0; i < kBudget.channels_max; ++i) {
      device::Channel& channel = *roster.add_channel();
      channel.path = std::string_view{std::string(kPathBytesMax, 'p')};
      channel.kind = kind();
      channel.labels[0] = kWorst.substr(0, 15);
      channel.labels_count = 1;
      values.put(static_cast<device::ChannelIndex>(i), {value(), device::Quality::simulated, now});
      for (int k = 0; k < 8; ++k) {  // one more than is kept
        device::Latest put = values.of(static_cast<device::ChannelIndex>(i));
        put.offset = ~std::uint64_t{0} - 100 + 10 * i + static_cast<unsigned>(k);
        history.put(static_cast<device::ChannelIndex>(i), put);
      }
      all.set(i);
      folds[i] = {.min = kLongestNumber, .max = -kLongestNumber, .count = 0xFFFFFFFF};
    }
  }
  static device::ValueKind kind() { return std::get<0>(GetParam()); }
  static const protocol::Dialect& dialect() { return *protocol::find_dialect(std::get<1>(GetParam())); }
  static device::Value value() {
    switch (kind()) {
      case device::ValueKind::number: return kLongestNumber;
      case device::ValueKind::boolean: return false;
      case device::ValueKind::text: return device::Text{kWorst.substr(0, 31)};
      default: return device::EnumIndex{0};
    }
  }

  Instant now{from_ms(1)};
  std::array<device::Channel, kBudget.channels_max> channels{};
  device::Roster roster{channels, {}};
  std::array<device::Latest, kBudget.channels_max> latest{};
  device::Values values{latest};
  std::array<telemetry::History::Track, kBudget.channels_max> tracks{};
  std::array<telemetry::History::Entry, std::size_t{kBudget.channels_max} * 7> past{};
  telemetry::History history{{tracks, past}};
  protocol::Limits limits;
  WallClock clock{.at = now, .wall = {-9'007'199'254'740'992}};
  protocol::View view{roster, values, history, limits, clock, now, kWorst.substr(0, 16), "0.1.0"};
  device::ChannelSet all;
  std::array<protocol::Fold, kBudget.channels_max> folds{};
  std::array<char, kBudget.frame_bytes> frame{};
};

TEST_P(LongestMessages, telemetry_of_all_channels_fits_a_frame) {
  const protocol::Telemetry telemetry{all, folds};
  EXPECT_FALSE(dialect().encode(telemetry, view, frame).empty());
}

TEST_P(LongestMessages, one_sample_is_no_longer_than_we_count) {
  device::ChannelSet one;
  one.set(0);
  const std::size_t of_all = dialect().encode(protocol::Telemetry{all, folds}, view, frame).size();
  const std::size_t of_one = dialect().encode(protocol::Telemetry{one, folds}, view, frame).size();
  EXPECT_LE((of_all - of_one) / (kBudget.channels_max - 1), kSampleBytesMax);
}

TEST_P(LongestMessages, a_snapshot_with_the_longest_ids_fits_a_frame) {
  const protocol::Answer snapshot{{kWorst, kWorst}, protocol::Snapshot{kWorst.substr(0, 31), all}};
  const std::string_view text = dialect().encode(snapshot, nullptr, view, frame);
  ASSERT_FALSE(text.empty());
  const protocol::Answer none{{kWorst, kWorst}, protocol::Snapshot{kWorst.substr(0, 31), {}}};
  EXPECT_LE(dialect().encode(none, nullptr, view, frame).size(), kEnvelopeBytesMax);
}

TEST_P(LongestMessages, the_gaps_of_all_channels_fit_a_frame_and_then_any_one_sample) {
  protocol::Missed missed{.id = kWorst.substr(0, 31),
                          .recovery = {.channels = all, .after = 1, .until = ~std::uint64_t{0}},
                          .upto = 1};
  ASSERT_EQ(missed.recovery.gaps(history), all);
  const protocol::ReplyHeader header{kWorst, kWorst};
  EXPECT_FALSE(dialect().encode(protocol::Answer{header, missed}, nullptr, view, frame).empty());
  missed.recovery.gaps_told = ~std::uint64_t{0};
  missed.upto = missed.recovery.window_end(1, history);
  const std::span<char> least = std::span{frame}.first(kEnvelopeBytesMax + kSampleBytesMax);
  EXPECT_FALSE(dialect().encode(protocol::Answer{header, missed}, nullptr, view, least).empty());
}

TEST_P(LongestMessages, a_page_of_history_tells_something_in_the_shortest_frame) {
  const std::span<char> least = std::span{frame}.first(kEnvelopeBytesMax + kSampleBytesMax);
  for (const std::int64_t step_ms : {0, 1}) {
    protocol::HistoryPage page{.channels = all, .query = {}};
    page.query.from_ms = clock.wall.unix_ms - 1;
    page.query.to_ms = clock.wall.unix_ms + 1;
    page.query.step_ms = step_ms;
    page.query.cursor.started_ms = clock.wall.unix_ms - 1;
    page.query.cursor.after = 5;
    const std::string_view text =
        dialect().encode(protocol::Answer{{kWorst, kWorst}, page}, nullptr, view, least);
    ASSERT_FALSE(text.empty());
    EXPECT_NE(text.find(step_ms == 0 ? R"("value":)" : R"("last":)"), std::string_view::npos) << text;
    EXPECT_NE(text.find(R"("cursor":)"), std::string_view::npos) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Storage, LongestMessages,
    testing::Combine(testing::Values(device::ValueKind::number, device::ValueKind::boolean,
                                     device::ValueKind::text, device::ValueKind::enumeration),
                     testing::ValuesIn(protocol::dialect_names().begin(), protocol::dialect_names().end())),
    [](const auto& of) {
      return std::string{device::wire_name(std::get<0>(of.param))} + "_" +
             (std::get<1>(of.param) == "jsonrpc" ? "jsonrpc" : "envelope");
    });

}  // namespace
}  // namespace signalbox::machine
