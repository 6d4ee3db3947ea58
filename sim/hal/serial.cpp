#include "sim/hal/serial.hpp"

namespace signalbox::sim {
namespace {

constexpr Duration kSerialLatency{200};

std::string_view without_dev(std::string_view device) {
  constexpr std::string_view kBelow = "/dev/";
  return device.starts_with(kBelow) ? device.substr(kBelow.size()) : device;
}

}  // namespace

bool Serial::attach(std::string_view device, std::uint32_t baud, twins::SerialText& teller) {
  if (ports_count_ == ports_.size()) return false;
  ports_[ports_count_++] = {device, baud, &teller};
  return true;
}

std::size_t Serial::find(std::string_view device) const {
  std::size_t place = 0;
  while (place < ports_count_ && ports_[place].device.view() != without_dev(device)) ++place;
  return place;
}

int Serial::do_claim(const hal::SerialSource& source) {
  const std::size_t port = find(source.device);
  if (port == ports_count_) return kNoReader;
  Reader* free = nullptr;
  for (Reader& its : readers_) {
    if (its.claimed && its.port == port && its.baud != source.baud) return kNoReader;
    if (!its.claimed && free == nullptr) free = &its;
  }
  if (free == nullptr) return kNoReader;
  *free = {port, source.baud, source.prefix, ports_[port].teller->told(now()), true};
  return static_cast<int>(free - readers_.data());
}

void Serial::do_release_reader(int reader) { readers_[static_cast<std::size_t>(reader)].claimed = false; }

void Serial::do_read(int reader, hal::SerialReading& reading) {
  const Reader& its = readers_[static_cast<std::size_t>(reader)];
  const Timing timing =
      time_operation(faults_, ports_[its.port].device, now(), kSerialLatency, reading.deadline);
  if (!readings_.add({&reading, timing, reader, false})) reading.completion = hal::Completion::failed;
}

void Serial::do_finish_next() {
  const auto [reading, timing, place, writes] = readings_.take();
  reading->completion = timing.outcome;
  if (timing.outcome == hal::Completion::done)
    hear(readers_[static_cast<std::size_t>(place)], *reading, timing.ends);
}

void Serial::hear(Reader& reader, hal::SerialReading& reading, Instant at) {
  const Wire& port = ports_[reader.port];
  reading.text.clear();
  reading.dropped = 0;
  if (faults_.strikes(FaultKind::silent, port.device, at) != nullptr) {
    reading.completion = hal::Completion::absent;
    return;
  }
  const std::int64_t fresh = port.teller->told(at) - std::exchange(reader.heard, port.teller->told(at));
  if (fresh == 0 || faults_.strikes(FaultKind::stuck, port.device, at) != nullptr) return;
  const FixedText<127> line = port.teller->line();
  if (reader.baud != port.baud)
    reading.dropped = static_cast<std::uint32_t>(fresh);
  else if (line.view().starts_with(reader.prefix.view()))
    reading.text = line;
}

}  // namespace signalbox::sim
