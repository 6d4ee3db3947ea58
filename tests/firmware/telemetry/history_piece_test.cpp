#include "telemetry/history_piece.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox::telemetry {
namespace {

using Entry = History::Entry;
using device::Quality;
using device::ValueKind;

device::Channel channel_of(ValueKind kind) {
  device::Channel channel;
  channel.path = "cabin/temperature";
  channel.kind = kind;
  if (kind == ValueKind::enumeration) {
    channel.labels = {"low", "high"};
    channel.labels_count = 2;
  }
  return channel;
}

/// A piece of one block.
class OnePiece {
 public:
  OnePiece(const device::Channel& channel, const std::vector<Entry>& entries, std::size_t stride = 1)
      : memory_of_ring_(entries.size()), ring_{memory_of_ring_} {
    for (const Entry& entry : entries) ring_.push(entry);
    const Selection all{0, ring_.size(), stride};
    PieceWriter writer{memory_};
    writer.begin({.run = 7, .number = 9, .clock_ms = -5, .upto_ms = 1LL << 40U, .ended = true});
    const std::size_t room = writer.room();
    EXPECT_TRUE(writer.add(channel, ring_, all, true));
    EXPECT_EQ(room - writer.room(), block_bytes(ring_, all, channel.kind));
    const std::span<const char> bytes = writer.finish();
    text = {bytes.data(), bytes.size()};
  }

  /// Its samples, read for that channel, and what is left of them.
  std::vector<Entry> read(const device::Channel& channel) {
    std::vector<Entry> found;
    std::string_view blocks = read_piece(text)->blocks;
    const std::optional<Block> block = take_block(blocks);
    SampleReader reader{block->samples, channel};
    while (const std::optional<Entry> entry = reader.next()) found.push_back(*entry);
    rest = reader.rest().size();
    return found;
  }

  std::string text;
  std::size_t rest = 0;

 private:
  std::vector<Entry> memory_of_ring_;
  Ring<Entry> ring_;
  std::array<char, hal::AppendLog::kPieceBytesMax> memory_{};
};

Entry at(std::int64_t ms, const device::Value& value, Quality quality = Quality::good) {
  return {.value = value, .taken_at = Instant{from_ms(ms)}, .quality = quality, .was_read = true};
}

void expect_same(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].value, b[i].value) << i;
    EXPECT_EQ(a[i].taken_at, b[i].taken_at) << i;
    EXPECT_EQ(a[i].quality, b[i].quality) << i;
    EXPECT_EQ(a[i].was_read, b[i].was_read) << i;
  }
}

TEST(HistoryPiece, SaysWhatItIs) {
  const device::Channel channel = channel_of(ValueKind::number);
  const OnePiece piece{channel, {at(1, 2.0)}};
  const std::string log = piece.text + "what follows";
  const std::optional<Piece> read = read_piece(log);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->head.run, 7U);
  EXPECT_EQ(read->head.number, 9U);
  EXPECT_EQ(read->head.clock_ms, -5);
  EXPECT_EQ(read->head.upto_ms, 1LL << 40U);
  EXPECT_TRUE(read->head.ended);
  EXPECT_EQ(read->bytes, piece.text.size());
  std::string_view blocks = read->blocks;
  const std::optional<Block> block = take_block(blocks);
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(block->meaning, meaning_of(channel));
  EXPECT_EQ(block->count, 1U);
  EXPECT_TRUE(block->lacks);
  EXPECT_TRUE(blocks.empty());
  EXPECT_FALSE(take_block(blocks).has_value());
}

TEST(HistoryPiece, KeepsEachKindOfValue) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  const std::vector<std::vector<Entry>> all{
      {at(0, 0.0), at(0, -0.0), at(100, 21.5), at(201, 21.5, Quality::fault), at(1'000'000, tiny),
       at(1'000'001, std::numeric_limits<double>::max()), at(1'000'002, 1.0 / 3.0)},
      {at(5, false), at(6, true), at(7, true, Quality::stale), at(8, false, Quality::simulated)},
      {at(1, device::Text{}), at(2, device::Text{"one"}), at(3, device::Text{"one"}),
       at(4, device::Text{std::string(31, 'x')})},
      {at(1, device::EnumIndex{1}), at(2, device::EnumIndex{0})}};
  for (std::size_t kind = 0; kind < all.size(); ++kind) {
    const device::Channel channel = channel_of(static_cast<ValueKind>(kind));
    OnePiece piece{channel, all[kind]};
    expect_same(piece.read(channel), all[kind]);
    EXPECT_EQ(piece.rest, 0U);
  }
}

TEST(HistoryPiece, KeepsThatNothingWasRead) {
  const device::Channel channel = channel_of(ValueKind::boolean);
  OnePiece piece{channel, {{.taken_at = Instant{from_ms(3)}, .quality = Quality::fault}, at(4, true)}};
  const std::vector<Entry> read = piece.read(channel);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_FALSE(read[0].was_read);
  EXPECT_EQ(read[0].quality, Quality::fault);
  EXPECT_EQ(read[1].value, device::Value{true});
}

TEST(HistoryPiece, ASteadySampleTakesAByte) {
  std::vector<Entry> entries;
  entries.reserve(1000);
  for (int i = 0; i < 1000; ++i) entries.push_back(at(100LL * i + i % 3, true));
  EXPECT_LT((OnePiece{channel_of(ValueKind::boolean), entries}.text.size()), 1070U);
}

TEST(HistoryPiece, ThinsEvenlyAndKeepsTheNewest) {
  const device::Channel channel = channel_of(ValueKind::number);
  std::vector<Entry> entries;
  entries.reserve(10);
  for (int i = 0; i < 10; ++i) entries.push_back(at(i, 1.0 * i));
  OnePiece piece{channel, entries, 4};
  expect_same(piece.read(channel), {entries[1], entries[5], entries[9]});
  std::string_view blocks = read_piece(piece.text)->blocks;
  EXPECT_EQ(take_block(blocks)->count, 3U);
}

TEST(HistoryPiece, WhatDoesNotFitIsNotAdded) {
  std::array<char, hal::AppendLog::kPieceBytesMax> memory{};
  PieceWriter writer{memory};
  writer.begin({});
  std::vector<Entry> entries(2000);
  Ring<Entry> ring{entries};
  for (int i = 0; i < 2000; ++i) ring.push(at(i, 1.0 / (i + 3)));
  const std::size_t room = writer.room();
  EXPECT_FALSE(writer.add(channel_of(ValueKind::number), ring, {0, 2000}, false));
  EXPECT_EQ(writer.room(), room);
  while (writer.room() >= 13) EXPECT_TRUE(writer.add(channel_of(ValueKind::number), ring, {0, 0}, true));
  EXPECT_FALSE(writer.add(channel_of(ValueKind::number), ring, {0, 0}, true));
  EXPECT_LE(writer.finish().size(), hal::AppendLog::kPieceBytesMax);
}

TEST(HistoryPiece, IsWholeOrNone) {
  const OnePiece piece{channel_of(ValueKind::number), {at(1, 2.5), at(100, 3.5)}};
  for (std::size_t size = 0; size < piece.text.size(); ++size)
    EXPECT_FALSE(read_piece(piece.text.substr(0, size)).has_value()) << size;
  for (std::size_t i = 0; i < piece.text.size(); ++i) {
    std::string flipped = piece.text;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    EXPECT_FALSE(read_piece(flipped).has_value()) << i;
  }
}

TEST(HistoryPiece, AnothersChannelIsToldApart) {
  device::Channel channel = channel_of(ValueKind::enumeration);
  const std::uint64_t meaning = meaning_of(channel);
  const auto changed = [&](auto&& change) {
    device::Channel other = channel;
    change(other);
    return meaning_of(other) != meaning;
  };
  EXPECT_TRUE(changed([](device::Channel& c) { c.path = "cabin/air"; }));
  EXPECT_TRUE(changed([](device::Channel& c) { c.kind = ValueKind::number; }));
  EXPECT_TRUE(changed([](device::Channel& c) { c.unit = "Cel"; }));
  EXPECT_TRUE(changed([](device::Channel& c) { c.labels[1] = "max"; }));
  EXPECT_TRUE(changed([](device::Channel& c) { c.labels_count = 1; }));
  EXPECT_FALSE(changed([](device::Channel& c) { c.title = "Mode"; }));
}

/// A file that somebody made proves itself as well, and must not bring what no channel can hold.
TEST(HistoryPiece, SamplesThatNoChannelHasAreNotTaken) {
  const auto is_refused = [](ValueKind kind, const std::string& samples) {
    const device::Channel channel = channel_of(kind);
    SampleReader reader{samples, channel};
    while (reader.next()) {
    }
    return !reader.rest().empty();
  };
  using namespace std::string_literals;
  EXPECT_TRUE(is_refused(ValueKind::enumeration, "\xC0\x05\x02"s)) << "a label it does not have";
  EXPECT_TRUE(is_refused(ValueKind::number, "\xC0\x05\x62\xF0\x7F"s)) << "infinity";
  EXPECT_TRUE(is_refused(ValueKind::number, "\xC0\x05\x19"s)) << "more bytes than a number has";
  EXPECT_TRUE(is_refused(ValueKind::number, "\xC0\x05\x40"s)) << "a change of nothing";
  EXPECT_TRUE(is_refused(ValueKind::number, "\xC0\x05\x02\x01"s)) << "half a number";
  EXPECT_TRUE(is_refused(ValueKind::boolean, "\x40"s)) << "a value that was not read";
  EXPECT_TRUE(is_refused(ValueKind::boolean, "\x80\x08"s)) << "a state there is not";
  EXPECT_TRUE(is_refused(ValueKind::boolean, "\x80"s));
  EXPECT_TRUE(is_refused(ValueKind::boolean, "\x01"s)) << "time that goes back";
  EXPECT_TRUE(is_refused(ValueKind::boolean, "\x3F\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s))
      << "time without end";
  EXPECT_TRUE(is_refused(ValueKind::boolean, "\x3F\x80\x80"s)) << "half a time";
  EXPECT_TRUE(is_refused(ValueKind::text, "\xC0\x05\x02\xFF\xFF"s)) << "no UTF-8";
  EXPECT_TRUE(is_refused(ValueKind::text, "\xC0\x05\x20"s + std::string(32, 'x'))) << "too long";
  EXPECT_TRUE(is_refused(ValueKind::text, "\xC0\x05\x03xx"s));
  EXPECT_FALSE(is_refused(ValueKind::text, "\xC0\x05\x02xx"s));
}

RC_GTEST_PROP(HistoryPieceProp, ReadsBackWhatWasWritten, ()) {
  const device::Channel channel = channel_of(ValueKind::number);
  std::vector<Entry> entries;
  std::int64_t ms = 0;
  for (const std::int64_t step :
       *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 100'000)))
    entries.push_back(at(ms += step, *rc::gen::element(0.0, 21.5, 21.4375, 1.0 / 3.0, -1e300),
                         static_cast<Quality>(*rc::gen::inRange<unsigned>(0, 4))));
  OnePiece piece{channel, entries};
  expect_same(piece.read(channel), entries);
}

}  // namespace
}  // namespace signalbox::telemetry
