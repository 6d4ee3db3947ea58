// The history's log as somebody or a power cut may have left it, also with digests that prove it: what is
// read back is what channels can hold, in the order of its times, and a run that goes on there is kept.
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "base/log.hpp"
#include "firmware/telemetry/history_run.hpp"
#include "fuzz/input.hpp"
#include "sim/hal/append_log.hpp"

namespace {

using namespace signalbox;
using telemetry::History;
using telemetry::HistoryRun;

std::string little_endian(std::uint64_t number, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i) & 0xFFU);
  return text;
}

std::uint64_t meaning_of(std::size_t channel) {
  static const std::array<std::uint64_t, 4> meanings = [] {
    sim::Faults faults;
    std::string disk;
    sim::AppendLog log{faults, disk, "history"};
    HistoryRun run{log};
    std::array<std::uint64_t, 4> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = telemetry::meaning_of(run.roster.channels()[i]);
    return all;
  }();
  return meanings[channel];
}

/// A piece whose size and digest are right, whatever is in it.
std::string piece_of(fuzz::Input& input) {
  std::string blocks;
  for (std::size_t count = input.below(4); count > 0; --count) {
    blocks += little_endian(meaning_of(input.below(4)), 8);
    const std::string_view samples = input.text(input.byte());
    blocks += little_endian(samples.size(), 2);
    blocks += little_endian(input.byte(), 2);
    blocks += little_endian(input.below(2), 1);
    blocks += samples;
  }
  blocks += input.text(input.below(12));
  std::string piece{telemetry::kPieceBegin};
  piece += little_endian(32 + blocks.size() + 8, 2);
  piece += little_endian(input.below(2), 2);
  piece += little_endian(input.below(4), 4);  // run
  piece += little_endian(input.below(4), 4);  // number
  const std::size_t clock = input.below(50);
  const std::uint64_t clock_ms = input.word();
  piece += little_endian(clock == 0 ? HistoryRun::kClock_ms + clock_ms : clock_ms << clock, 8);
  piece += little_endian(input.word(), 8);  // up to when
  piece += blocks;
  return piece + little_endian(Digest{}.add(piece).value(), 8);
}

void check(const HistoryRun& run, const History::Entry& entry, const device::Channel& channel) {
  SIGNALBOX_CHECK(run.label_of(entry) >= 0);
  if (!entry.was_read) return;
  SIGNALBOX_CHECK(device::kind_of(entry.value) == channel.kind);
  SIGNALBOX_CHECK(std::isfinite(device::as_number(entry.value)));
  if (const auto* label = std::get_if<device::EnumIndex>(&entry.value))
    SIGNALBOX_CHECK(label->index < channel.labels_count);
  if (const auto* text = std::get_if<device::Text>(&entry.value)) SIGNALBOX_CHECK(fuzz::is_utf8(*text));
}

void check(const HistoryRun& run) {
  for (device::ChannelIndex i = 0; i < run.history->channels(); ++i) {
    const Ring<History::Entry>& entries = run.history->of(i);
    for (std::size_t place = 0; place < entries.size(); ++place) {
      check(run, entries[place], run.roster.channels()[i]);
      if (place == 0) continue;
      SIGNALBOX_CHECK(entries[place].offset > entries[place - 1].offset);
      SIGNALBOX_CHECK(entries[place].taken_at >= entries[place - 1].taken_at);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  set_log_sink([](Severity, std::string_view) {});
  fuzz::Input input{bytes, size};
  sim::Faults faults;
  std::string disk;
  for (std::size_t pieces = input.below(6); pieces > 0; --pieces) disk += piece_of(input);
  disk += input.rest();

  std::vector<std::string> lived;
  const HistoryRun::Setup later{.clock_ms = std::int64_t{1} << 52U};
  {
    sim::AppendLog log{faults, disk, "history"};
    HistoryRun run{log, later};
    SIGNALBOX_CHECK(run.found.has_value());
    check(run);
    for (int i = 0; i < 3; ++i) {
      run.put(HistoryRun::number, 1.0 / (i + 3));
      run.put(HistoryRun::text, device::Text{"a text"});
      run.pass(from_ms(100));
    }
    lived = run.told(HistoryRun::number);
    run.end();
    SIGNALBOX_CHECK(run.log_of->is_settled(run.now) && run.log_of->counts().failures == 0);
  }
  sim::AppendLog log{faults, disk, "history"};
  HistoryRun next{log, later};
  check(next);
  SIGNALBOX_CHECK(next.found && !next.found->is_cut_off);
  const std::vector<std::string> told = next.told(HistoryRun::number);
  SIGNALBOX_CHECK(told.size() >= 4 && told.back().starts_with("nothing"));
  for (std::size_t i = 1; i <= 3; ++i) SIGNALBOX_CHECK(told[told.size() - 1 - i] == lived[lived.size() - i]);
  return 0;
}
