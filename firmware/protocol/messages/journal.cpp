#include "protocol/messages/journal.hpp"

#include <algorithm>
#include <array>
#include <concepts>

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

using journal::Record;

constexpr std::array<std::string_view, 1> kOutcomes{"failed"};
constexpr std::int64_t kSequenceMax = std::int64_t{1} << 53U;
/// Records looked at for one page, so that rare ones do not hold up the loop.
constexpr std::uint64_t kLookedAtMax = 1000;
/// What is still to come behind the records: `],"next":9007199254740992}` and the message's own end.
constexpr std::size_t kRecordsEndBytes = 64;

bool is_asked_for(const Record& record, const ReadJournal& asked, const Principal& principal) {
  if (asked.failed_only && !record.is_dead_letter()) return false;
  if (record.channel.empty()) return asked.channel.empty();
  if (!asked.channel.empty() && !matches(asked.channel, record.channel)) return false;
  return principal.may(Right::read, record.channel);
}

void write_record(JsonWriter& writer, const Record& record) {
  writer.begin_object();
  each_member(record, [&writer](std::string_view name, const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    writer.key(name);
    if constexpr (std::same_as<Value, std::int64_t>)
      writer.integer(value);
    else if constexpr (std::same_as<Value, std::uint64_t>)
      writer.counter(value);
    else
      writer.text(value);
  });
  writer.end_object();
}

/// The member `records`; the last record looked at.
std::uint64_t write_records(JsonWriter& writer, const ReadJournal& asked, const Principal& principal,
                            const journal::Journal& journal) {
  const std::uint64_t first = std::max(asked.after + 1, journal.oldest());
  const std::uint64_t last = std::min(journal.newest(), first + kLookedAtMax - 1);
  std::uint64_t looked_at = first - 1;
  std::uint32_t written = 0;
  writer.key("records").begin_array();
  for (; looked_at < last && written < asked.max && writer.fits(); ++looked_at) {
    const Record& record = *journal.find(looked_at + 1);
    if (!is_asked_for(record, asked, principal)) continue;
    const JsonWriter::Mark before = writer.mark();
    write_record(writer, record);
    if (writer.room() < kRecordsEndBytes && written > 0) {
      writer.back_to(before);
      break;
    }
    ++written;
  }
  writer.end_array();
  return looked_at;
}

}  // namespace

Result<ReadJournal> read_journal(const JsonReader& payload) {
  ReadJournal asked;
  const auto after = payload.optional_integer("after", 0, kSequenceMax);
  if (!after) return after.error();
  asked.after = static_cast<std::uint64_t>(after->value_or(0));
  const auto max = payload.optional_integer("max", 1, kJournalRecordsMax);
  if (!max) return max.error();
  asked.max = static_cast<std::uint32_t>(max->value_or(kJournalRecordsMax));
  const auto outcome = payload.optional_choice("outcome", kOutcomes);
  if (!outcome) return outcome.error();
  asked.failed_only = outcome->has_value();
  if (!payload.has("channel")) return asked;
  const Result<std::string_view> pattern = payload.text("channel", kPathBytesMax);
  if (!pattern) return pattern.error();
  if (!is_valid_pattern(*pattern))
    return payload.error(Reason::malformed, "channel",
                         found_instead(*pattern, "a path such as cabin/heater, cabin/# or +/power"));
  asked.channel = *pattern;
  return asked;
}

void write_payload(JsonWriter& writer, const JournalPage& page, const Principal& principal,
                   const View& view) {
  SIGNALBOX_CHECK(view.journal != nullptr);
  const journal::Journal& journal = *view.journal;
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("oldest").counter(journal.oldest());
  writer.key("newest").counter(journal.newest());
  writer.key("committed").begin_object();
  writer.key("sequence").counter(journal.committed());
  writer.key("hash").text(journal::text_of(journal.head()));
  writer.key("everyMs").integer(to_ms(journal::Journal::kCommitEvery));
  writer.end_object();
  const std::uint64_t looked_at = write_records(writer, page.asked, principal, journal);
  if (looked_at < journal.newest()) writer.key("next").counter(looked_at);
  writer.end_object();
}

}  // namespace signalbox::protocol
