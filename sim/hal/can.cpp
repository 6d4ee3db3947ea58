#include "sim/hal/can.hpp"

#include <utility>

namespace signalbox::sim {
namespace {

constexpr Duration kCanLatency{100};

}  // namespace

int Can::do_claim(const hal::CanSource& source) {
  const auto free =
      std::find_if(readers_.begin(), readers_.end(), [](const Reader& its) { return !its.claimed; });
  if (source.interface != interface_.view() || free == readers_.end()) return kNoReader;
  *free = {.id = source.id, .heard = teller_.told(now()), .claimed = true};
  return static_cast<int>(free - readers_.begin());
}

void Can::do_release_reader(int reader) { readers_[static_cast<std::size_t>(reader)].claimed = false; }

void Can::do_read(int reader, hal::CanReading& reading) {
  const Timing timing = time_operation(faults_, interface_, now(), kCanLatency, reading.deadline);
  if (!readings_.add({&reading, timing, reader, false})) reading.completion = hal::Completion::failed;
}

void Can::do_finish_next() {
  const auto [reading, timing, place, writes] = readings_.take();
  reading->completion = timing.outcome;
  reading->has_frame = false;
  if (timing.outcome == hal::Completion::done)
    hear(readers_[static_cast<std::size_t>(place)], *reading, timing.ends);
}

void Can::hear(Reader& reader, hal::CanReading& reading, Instant at) {
  if (faults_.strikes(FaultKind::silent, interface_, at) != nullptr) {
    reading.completion = hal::Completion::absent;
    return;
  }
  const std::int64_t told = teller_.told(at);
  const bool is_fresh = std::exchange(reader.heard, told) != told;
  reading.has_frame =
      is_fresh && reader.id == id_ && faults_.strikes(FaultKind::stuck, interface_, at) == nullptr;
  if (!reading.has_frame) return;
  reading.bytes = teller_.bytes();
  reading.size = teller_.size();
  reading.received_at = Instant{told * twins::CanSignal::kEvery};
}

}  // namespace signalbox::sim
