#include "protocol/messages/history.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cinttypes>
#include <optional>

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

using telemetry::History;
using Entries = Ring<History::Entry>;

constexpr std::array<std::string_view, 5> kAggregates{"last", "min", "max", "mean", "count"};
constexpr std::int64_t kUnixMaxMs = std::int64_t{1} << 53U;
constexpr std::int64_t kStepMaxMs = 86'400'000;
constexpr std::size_t kCursorBytesMax = 79;

/// How many entries a page looks at; a step that was begun is looked at to its end.
constexpr std::size_t kExaminedMax = 4096;
/// The longest of each: a sample or a step with its text escaped; a series without them; what follows all.
constexpr std::size_t kEntryBytesMax = 360;
constexpr std::size_t kSeriesBytesMax = 160;
constexpr std::size_t kTailBytesMax = 200;

Result<void> read_span(const JsonReader& payload, HistoryQuery& query) {
  const Result<std::int64_t> from = payload.integer("from", 0, kUnixMaxMs);
  if (!from) return from.error();
  const Result<std::int64_t> to = payload.integer("to", 0, kUnixMaxMs);
  if (!to) return to.error();
  if (*to <= *from)
    return payload.error(
        Reason::out_of_range, "to",
        format_text<95>("found %" PRId64 "; expected more than from, which is %" PRId64, *to, *from));
  query.from_ms = *from;
  query.to_ms = *to;
  return {};
}

Result<std::uint8_t> read_aggregates(const JsonReader& payload) {
  if (!payload.has("stepMs"))
    return payload.error(Reason::malformed, "aggregate", "found it without stepMs; expected both or none");
  const Result<std::size_t> count = payload.list("aggregate", 1, kAggregates.size());
  if (!count) return count.error();
  std::uint8_t aggregates = 0;
  for (std::size_t i = 0; i < *count; ++i) {
    const Result<std::size_t> word = payload.choice_at("aggregate", i, kAggregates);
    if (!word) return word.error();
    const auto bit = static_cast<std::uint8_t>(1U << *word);
    if ((aggregates & bit) != 0)
      return payload.error_at(Reason::malformed, "aggregate", i,
                              found_instead(kAggregates[*word], "each word once"));
    aggregates = static_cast<std::uint8_t>(aggregates | bit);
  }
  return aggregates;
}

/// The number before the next dot, both taken off `text`.
template <typename Integer>
std::optional<Integer> take_number(std::string_view& text) {
  Integer number{};
  const std::from_chars_result end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc{} || end.ptr == text.data() + text.size() || *end.ptr != '.') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()) + 1);
  return number;
}

Result<void> read_cursor(const JsonReader& payload, AskHistory& ask) {
  const Result<std::string_view> text = payload.text("cursor", kCursorBytesMax);
  if (!text) return text.error();
  std::string_view rest = *text;
  const auto channel = take_number<device::ChannelIndex>(rest);
  const auto after = channel ? take_number<std::uint64_t>(rest) : std::nullopt;
  const auto started = after ? take_number<std::int64_t>(rest) : std::nullopt;
  if (!started || *started < -kUnixMaxMs || *started > kUnixMaxMs || rest.empty() || !ask.epoch.assign(rest))
    return payload.error(Reason::malformed, "cursor",
                         found_instead(*text, "the cursor of the answer before, unchanged"));
  ask.query.cursor = {*channel, *after, *started};
  return {};
}

FixedText<kCursorBytesMax> cursor_text(const HistoryCursor& cursor, std::string_view epoch) {
  return format_text<kCursorBytesMax>("%u.%" PRIu64 ".%" PRId64 ".%.*s", unsigned{cursor.channel},
                                      cursor.after, cursor.started_ms, static_cast<int>(epoch.size()),
                                      epoch.data());
}

/// What the readings of one step came to.
struct Step {
  std::int64_t number = 0;  ///< counted from the question's `from`
  const device::Value* last = nullptr;
  double min = 0.0;
  double max = 0.0;
  double sum = 0.0;
  std::uint64_t count = 0;

  void add(const device::Value& value) {
    const double number_now = device::as_number(value);
    min = count == 0 ? number_now : std::min(min, number_now);
    max = count == 0 ? number_now : std::max(max, number_now);
    sum += number_now;
    last = &value;
    ++count;
  }
};

/// Writes one page.
class PageWriter {
 public:
  PageWriter(JsonWriter& writer, const HistoryPage& page, const View& view)
      : writer_{writer}, page_{page}, query_{page.query}, view_{view} {}

  /// All series, as far as they fit; where to go on, if they do not.
  std::optional<HistoryCursor> write() {
    const auto channels = static_cast<device::ChannelIndex>(view_.roster.channels().size());
    for (device::ChannelIndex i = query_.cursor.channel; i < channels; ++i) {
      if (!page_.channels.test(i)) continue;
      after_ = i == query_.cursor.channel ? query_.cursor.after : 0;
      if (!has_room(kSeriesBytesMax + kEntryBytesMax) || !write_series(i))
        return HistoryCursor{i, after_, query_.cursor.started_ms};
    }
    return std::nullopt;
  }

 private:
  bool has_room(std::size_t bytes) const { return writer_.room() >= bytes + kTailBytesMax; }
  bool is_full() const { return examined_ >= kExaminedMax || !has_room(kEntryBytesMax); }
  WallClock clock() const { return {.at = {}, .wall = {query_.cursor.started_ms}}; }
  std::int64_t label(const History::Entry& entry) const {
    return view_.history.label(entry, clock()).unix_ms;
  }

  /// False where it has to go on in another page, after `after_`.
  bool write_series(device::ChannelIndex index) {
    const History& history = view_.history;
    const device::Channel& channel = view_.roster.channels()[index];
    const Span span{*this, index};
    const bool has_lost = history.has_lost(index, after_, {query_.from_ms}, clock());
    writer_.begin_object().key("channel").text(channel.path).key("complete").boolean(!has_lost);
    writer_.key(query_.step_ms == 0 ? "samples" : "steps").begin_array();
    const bool whole = query_.step_ms == 0 ? write_samples_of(span, channel) : write_steps_of(span, channel);
    writer_.end_array().end_object();
    return whole;
  }

  /// The entries of a channel that are asked for. Those of earlier runs go by the clock of then, those of
  /// this one by the clock of now, which may have been set back: so they are looked for apart.
  class Span {
   public:
    Span(const PageWriter& page, device::ChannelIndex channel)
        : page_{page}, entries_{page.view_.history.of(channel)} {
      const History& history = page.view_.history;
      const std::size_t untold = history.first_after(channel, page.after_);
      this_run_ = history.first_after(channel, history.restored_until());
      past_begins_ = std::max(untold, first_within(0, this_run_));
      begins_ = std::max(untold, first_within(this_run_, entries_.size()));
    }
    std::size_t first() const { return at_or_after(past_begins_); }
    std::size_t next(std::size_t place) const { return at_or_after(place + 1); }
    std::size_t end() const { return entries_.size(); }
    const History::Entry& operator[](std::size_t place) const { return entries_[place]; }

   private:
    std::size_t first_within(std::size_t from, std::size_t to) const {
      const auto is_within = [&](std::size_t place) {
        return page_.label(entries_[from + place]) >= page_.query_.from_ms;
      };
      return from + telemetry::first_place(to - from, is_within);
    }
    bool is_asked(std::size_t place) const { return page_.label(entries_[place]) < page_.query_.to_ms; }
    std::size_t at_or_after(std::size_t place) const {
      if (place < this_run_ && is_asked(place)) return place;
      place = std::max(place, begins_);
      return place < end() && is_asked(place) ? place : end();
    }

    const PageWriter& page_;
    const Entries& entries_;
    std::size_t this_run_ = 0;     ///< the place of this run's first entry
    std::size_t past_begins_ = 0;  ///< of earlier ones the first that is asked for
    std::size_t begins_ = 0;       ///< of this one
  };

  bool write_samples_of(const Span& span, const device::Channel& channel) {
    for (std::size_t i = span.first(); i < span.end(); i = span.next(i)) {
      if (is_full()) return false;
      writer_.begin_object();
      write_past(writer_, channel, span[i], {label(span[i])});
      writer_.end_object();
      examine(span[i]);
    }
    return true;
  }

  bool write_steps_of(const Span& span, const device::Channel& channel) {
    for (std::size_t i = span.first(); i < span.end();) {
      if (is_full()) return false;
      Step step{.number = step_of(span[i])};
      for (; i < span.end() && step_of(span[i]) == step.number; i = span.next(i)) {
        if (span[i].was_read && device::is_usable(span[i].quality)) step.add(span[i].value);
        examine(span[i]);
      }
      if (step.count > 0) write_step(step, channel);
    }
    return true;
  }

  void write_step(const Step& step, const device::Channel& channel) {
    const auto asks = [&](HistoryQuery::Aggregate what) { return (query_.aggregates & what) != 0; };
    const bool numbers = channel.kind == device::ValueKind::number;
    writer_.begin_object().key("at").integer(query_.from_ms + step.number * query_.step_ms);
    if (asks(HistoryQuery::last)) write_value(writer_.key("last"), channel, *step.last);
    if (numbers && asks(HistoryQuery::min)) writer_.key("min").number(step.min);
    if (numbers && asks(HistoryQuery::max)) writer_.key("max").number(step.max);
    if (numbers && asks(HistoryQuery::mean))
      writer_.key("mean").number(step.sum / static_cast<double>(step.count));
    if (asks(HistoryQuery::count)) writer_.key("count").counter(step.count);
    writer_.end_object();
  }

  std::int64_t step_of(const History::Entry& entry) const {
    return (label(entry) - query_.from_ms) / query_.step_ms;
  }
  void examine(const History::Entry& entry) {
    after_ = entry.offset;
    ++examined_;
  }

  JsonWriter& writer_;
  const HistoryPage& page_;
  const HistoryQuery& query_;
  const View& view_;
  std::size_t examined_ = 0;
  std::uint64_t after_ = 0;  ///< the offset of the last entry that was dealt with
};

}  // namespace

Result<AskHistory> read_history(const JsonReader& payload) {
  AskHistory ask;
  const Result<Patterns> paths = read_patterns(payload);
  if (!paths) return paths.error();
  ask.paths = *paths;
  const Result<void> span = read_span(payload, ask.query);
  if (!span) return span.error();
  const auto step = payload.optional_integer("stepMs", 1, kStepMaxMs);
  if (!step) return step.error();
  ask.query.step_ms = step->value_or(0);
  if (payload.has("aggregate")) {
    const Result<std::uint8_t> aggregates = read_aggregates(payload);
    if (!aggregates) return aggregates.error();
    ask.query.aggregates = *aggregates;
  }
  if (!payload.has("cursor")) return ask;
  const Result<void> cursor = read_cursor(payload, ask);
  if (!cursor) return cursor.error();
  return ask;
}

void write_payload(JsonWriter& writer, const HistoryPage& page, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(view.values.offset());
  writer.key("series").begin_array();
  const std::optional<HistoryCursor> cursor = PageWriter{writer, page, view}.write();
  writer.end_array();
  if (cursor) writer.key("cursor").text(cursor_text(*cursor, view.epoch));
  writer.end_object();
}

}  // namespace signalbox::protocol
