// The journal's file as somebody or a power cut may have left it: its end, its lines, and a run that goes on
// there.
#include <array>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "base/log.hpp"
#include "fuzz/input.hpp"
#include "journal/ending.hpp"
#include "journal/journal.hpp"
#include "journal/verifier.hpp"
#include "sim/hal/append_log.hpp"

namespace {

using namespace signalbox;

/// How far the lines prove themselves.
journal::Verifier verified(std::string_view disk) {
  journal::Verifier verifier;
  for (std::size_t feed = disk.find('\n'); feed != std::string_view::npos; feed = disk.find('\n')) {
    const Result<void> taken = verifier.take(disk.substr(0, feed));
    if (!taken) {
      SIGNALBOX_CHECK(!taken.error().detail.empty());
      break;
    }
    disk.remove_prefix(feed + 1);
  }
  return verifier;
}

journal::Record record_of(fuzz::Input& input) {
  journal::Record record{.sequence = 1, .kind = journal::Record::Kind::actuation};
  record.lost = input.byte();
  record.at_ms = static_cast<std::int64_t>(input.word()) - 1000;
  record.latency_ms = input.word();
  record.while_stopped = input.below(2) == 1;
  record.channel = input.text(input.below(48));
  record.cause = input.text(input.below(16));
  record.who = input.text(input.below(32));
  record.peer = input.text(input.below(46));
  record.trace_id = input.text(input.below(37));
  record.before = input.text(input.below(32));
  record.detail = input.text(input.below(96));
  return record;
}

/// A run of the device on that disk; whatever was there, what it adds is proven.
void live_on(std::string& disk) {
  sim::Faults faults;
  sim::AppendLog log{faults, disk};
  std::array<journal::Record, 8> records;
  static std::array<char, hal::AppendLog::kPieceBytesMax> piece;
  journal::Journal journal{{records, piece}};
  const Result<void> opened = journal.open(log, {"fuzz", "0", {1'763'683'200'000}});
  if (!opened) {
    SIGNALBOX_CHECK(!opened.error().detail.empty());
    return;
  }
  Instant now{};
  journal.append({.kind = journal::Record::Kind::actuation, .channel = "cabin/heater"});
  journal.close(now, {1'763'683'201'000});
  for (int i = 0; i < 200 && !journal.is_settled(now); ++i) {
    log.poll(now);
    journal.step(now);
    now += from_ms(10);
  }
  SIGNALBOX_CHECK(journal.is_settled(now) && journal.committed() == journal.newest());
  const journal::Ending ending = journal::read_ending(disk);
  SIGNALBOX_CHECK(ending.is_clean() && ending.last.hash == journal.head());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  set_log_sink([](Severity, std::string_view) {});
  fuzz::Input input{bytes, size};

  // What is written reads back and proves itself, whatever the texts.
  const journal::Record record = record_of(input);
  std::array<char, journal::kLineBytesMax> memory{};
  journal::Digest hash{};
  const std::string line{journal::write_line(record, {}, memory, hash)};
  SIGNALBOX_CHECK(line.ends_with('\n'));
  const Result<journal::Proof> proof = journal::read_line(line.substr(0, line.size() - 1));
  SIGNALBOX_CHECK(proof.has_value() && proof->proves() && proof->hash == hash);

  // The rest is a file: as it stands, or behind a good line.
  std::string disk{input.below(2) == 0 ? "" : line};
  disk += input.rest();
  const journal::Ending ending = journal::read_ending(disk);
  SIGNALBOX_CHECK(ending.torn <= disk.size());
  const std::uint64_t before = verified(disk).proven();
  live_on(disk);
  SIGNALBOX_CHECK(verified(disk).proven() >= before);
  return 0;
}
