#include "telemetry/restoration.hpp"

#include <algorithm>

namespace signalbox::telemetry {
namespace {

using device::ChannelIndex;
using Entry = History::Entry;

/// No wall clock is beyond that, and none that was set is before its beginning.
constexpr std::int64_t kUnixMax_ms = std::int64_t{1} << 53U;

}  // namespace

Result<Restoration::Found> Restoration::operator()(Instant now) {
  SIGNALBOX_CHECK(memory_.size() >= hal::AppendLog::kPieceBytesMax);
  const std::span<const device::Channel> channels = to_.roster.channels();
  for (std::size_t i = 0; i < channels.size(); ++i) meanings_[i] = meaning_of(channels[i]);
  std::uint64_t place = 0;
  while (const std::optional<Run> run = find_run(place)) {
    count(*run);
    place = run->ends;
  }
  found_ = {};
  place = 0;
  while (const std::optional<Run> run = find_run(place)) {
    take(*run);
    place = run->ends;
  }
  std::uint64_t end = place;
  while (next(end)) {
  }
  found_.damaged += end - place;
  if (!error_) log_.drop_end(static_cast<std::size_t>(end - place));
  found_.last_run = before_.run;
  found_.is_cut_off = !before_.ended || end > place || error_.has_value();
  to_.history.end_past(to_.values.offset());
  if (found_.is_cut_off) cut_.set();
  if (cut_.any()) {
    const std::uint64_t offset = to_.values.advance();
    for (std::size_t i = 0; i < channels.size(); ++i)
      if (cut_.test(i)) to_.history.lose(static_cast<ChannelIndex>(i), offset, now);
  }
  if (error_) return *error_;
  return found_;
}

/// What lies at that place: what is in memory of it, or read anew.
std::string_view Restoration::bytes_at(std::uint64_t place, bool anew) {
  const std::uint64_t end = window_begins_ + window_bytes_;
  if (!anew && place >= window_begins_ && place < end)
    return {memory_.data() + (place - window_begins_), static_cast<std::size_t>(end - place)};
  const Result<std::size_t> got = log_.read(place, memory_.first(hal::AppendLog::kPieceBytesMax));
  if (!got) error_ = got.error();
  window_begins_ = place;
  window_bytes_ = got ? *got : 0;
  return {memory_.data(), window_bytes_};
}

/// The first whole piece from `place` on, which then is behind it; nothing at the end, where `place` is then.
std::optional<Piece> Restoration::next(std::uint64_t& place) {
  for (bool anew = false;;) {
    const std::string_view bytes = bytes_at(place, anew);
    if (bytes.empty()) return std::nullopt;
    if (const std::optional<Piece> piece = read_piece(bytes)) {
      place += piece->bytes;
      return piece;
    }
    // Where only a part of it was in memory, it may be a piece all the same.
    anew = window_begins_ != place;
    if (!anew) place += bytes_to_skip(bytes);
  }
}

/// To where the next piece may begin, of which as yet only a part may have been read.
std::size_t Restoration::bytes_to_skip(std::string_view bytes) {
  constexpr std::string_view kAnyVersion = kPieceBegin.substr(0, kPieceBegin.size() - 1);
  found_.is_other_version =
      found_.is_other_version || (bytes.starts_with(kAnyVersion) && !bytes.starts_with(kPieceBegin));
  const std::size_t found = bytes.find(kAnyVersion, 1);
  if (found != std::string_view::npos) return found;
  const bool is_all = bytes.size() < hal::AppendLog::kPieceBytesMax;
  return is_all ? bytes.size() : bytes.size() - kAnyVersion.size() + 1;
}

/// The pieces of one run that begin behind `place`, as far as they follow each other.
std::optional<Restoration::Run> Restoration::find_run(std::uint64_t place) {
  std::uint64_t end = place;
  std::optional<Piece> piece = next(end);
  if (!piece) return std::nullopt;
  Run run{.begins = place, .ends = end, .last = piece->head};
  found_.damaged += end - place - piece->bytes;
  while ((piece = next(end)) && piece->head.run == run.last.run && !run.last.ended) {
    found_.damaged += end - run.ends - piece->bytes;
    run.ends = end;
    run.last = piece->head;
  }
  return run;
}

bool Restoration::is_dated(const PieceHead& head) const {
  const bool is_sane = head.clock_ms > -kUnixMax_ms && head.clock_ms < kUnixMax_ms && head.upto_ms >= 0 &&
                       head.upto_ms < kUnixMax_ms - std::max<std::int64_t>(head.clock_ms, 0);
  return is_sane && head.clock_ms + head.upto_ms >= earliest_.unix_ms;
}

void Restoration::count(const Run& run) {
  if (!is_dated(run.last)) return;
  for (std::uint64_t place = run.begins; place < run.ends;) {
    const std::optional<Piece> piece = next(place);
    if (!piece) return;
    std::string_view blocks = piece->blocks;
    while (const std::optional<Block> block = take_block(blocks)) {
      const ChannelIndex channel = channel_of(block->meaning);
      if (channel != device::kNoChannel) left_[channel] += block->count;
    }
  }
}

/// Whether those that follow fill the ring without the block's own.
bool Restoration::is_crowded_out(ChannelIndex channel, const Block& block) {
  left_[channel] -= std::min<std::uint64_t>(left_[channel], block.count);
  return left_[channel] >= to_.history.of(channel).capacity();
}

void Restoration::take(const Run& run) {
  const bool dated = is_dated(run.last);
  if (!dated) ++found_.undated;
  in_run_.reset();
  for (std::uint64_t place = run.begins; place < run.ends;) {
    const std::optional<Piece> piece = next(place);
    if (!piece) break;  // an error, or it is not what it was a moment ago
    const PieceHead& head = piece->head;
    const bool begins = head.number == 1 && head.run == before_.run + 1 && before_.ended;
    const bool goes_on = head.number == before_.number + 1 && head.run == before_.run && !before_.ended;
    if (!dated || !(begins || goes_on)) cut_.set();
    before_ = head;
    if (dated) take(*piece, run);
  }
  if (!dated) return;
  const Instant ended{from_ms(run.last.clock_ms + run.last.upto_ms)};
  for (ChannelIndex i = 0; i < to_.roster.channels().size(); ++i)
    if (in_run_.test(i)) separate(i, ended);
}

void Restoration::take(const Piece& piece, const Run& run) {
  const std::int64_t upto_ms = std::clamp<std::int64_t>(piece.head.upto_ms, 0, run.last.upto_ms);
  std::string_view blocks = piece.blocks;
  while (const std::optional<Block> block = take_block(blocks)) {
    const ChannelIndex channel = channel_of(block->meaning);
    if (channel == device::kNoChannel)
      ++found_.strange;
    else if (is_crowded_out(channel, *block))
      to_.history.lose_past(channel, to_.values.advance(), Instant{from_ms(run.last.clock_ms + upto_ms)});
    else
      take(*block, channel, run);
  }
}

void Restoration::take(const Block& block, ChannelIndex channel, const Run& run) {
  SampleReader samples{block.samples, to_.roster.channels()[channel]};
  Instant at{from_ms(run.last.clock_ms + run.last.upto_ms)};
  while (std::optional<Entry> entry = samples.next()) {
    const std::int64_t unix_ms = to_ms(entry->taken_at.time_since_epoch()) + run.last.clock_ms;
    if (unix_ms < 0 || unix_ms > kUnixMax_ms) break;
    at = entry->taken_at = Instant{from_ms(unix_ms)};
    if (cut_.test(channel)) {
      separate(channel, {});
      to_.history.lose_past(channel, to_.values.advance(), at);
      cut_.reset(channel);
    }
    entry->offset = to_.values.advance();
    to_.history.restore(channel, *entry);
    in_run_.set(channel);
    ++found_.samples;
  }
  if (block.lacks || !samples.rest().empty()) to_.history.lose_past(channel, to_.values.advance(), at);
}

/// Behind the channel's last sample nothing is known of it, from `at` on or from that sample on.
void Restoration::separate(ChannelIndex channel, Instant at) {
  const Ring<Entry>& entries = to_.history.of(channel);
  if (entries.empty()) return;
  const Entry& newest = entries[entries.size() - 1];
  if (!newest.was_read) return;
  to_.history.restore(
      channel,
      {.value = newest.value, .taken_at = std::max(newest.taken_at, at), .offset = to_.values.advance()});
}

ChannelIndex Restoration::channel_of(std::uint64_t meaning) const {
  const auto end = meanings_.begin() + static_cast<std::ptrdiff_t>(to_.roster.channels().size());
  const auto found = std::find(meanings_.begin(), end, meaning);
  return found == end ? device::kNoChannel : static_cast<ChannelIndex>(found - meanings_.begin());
}

}  // namespace signalbox::telemetry
