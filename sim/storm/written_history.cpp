#include "sim/storm/written_history.hpp"

#include "telemetry/history_piece.hpp"

namespace signalbox::sim::storm {

using device::ChannelIndex;

WrittenHistory::WrittenHistory(std::string_view disk, const device::Roster& roster) {
  telemetry::PieceHead before{.ended = true};
  std::array<std::size_t, bench::kPaths.size()> run_begins{};
  while (const auto piece = telemetry::read_piece(disk.substr(bytes))) {
    bytes += piece->bytes;
    const telemetry::PieceHead& head = piece->head;
    const bool begins = head.number == 1 && head.run != before.run;
    const bool goes_on = head.number == before.number + 1 && head.run == before.run && !before.ended;
    if (!begins && !goes_on) wrong = "a piece that does not follow the one before";
    if (begins)
      for (std::size_t i = 0; i < samples.size(); ++i) run_begins[i] = samples[i].size();
    std::string_view blocks = piece->blocks;
    while (const auto block = telemetry::take_block(blocks)) {
      ChannelIndex channel = 0;
      while (channel < roster.channels().size() &&
             telemetry::meaning_of(roster.channels()[channel]) != block->meaning)
        ++channel;
      if (channel >= roster.channels().size() || channel >= samples.size()) {
        wrong = "a block of no channel";
        continue;
      }
      if (block->lacks) lacks.set(channel);
      telemetry::SampleReader reader{block->samples, roster.channels()[channel]};
      while (const auto entry = reader.next())
        samples[channel].push_back(
            {entry->value, entry->quality, entry->was_read, to_ms(entry->taken_at.time_since_epoch())});
      if (!reader.rest().empty()) wrong = "a block with what is no sample";
    }
    for (std::size_t i = 0; i < samples.size(); ++i)
      for (std::size_t k = run_begins[i]; k < samples[i].size(); ++k)
        samples[i][k].unix_ms = samples[i][k].monotonic_ms + head.clock_ms;
    before = head;
  }
  ended = before.ended && bytes > 0;
}

}  // namespace signalbox::sim::storm
