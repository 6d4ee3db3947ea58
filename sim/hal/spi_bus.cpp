#include "sim/hal/spi_bus.hpp"

namespace signalbox::sim {
namespace {

/// In whole microseconds, one at least.
Duration clocks_time(const hal::SpiTransfer& transfer) {
  return Duration{1 + std::int64_t{transfer.bytes} * 8 * 1'000'000 / transfer.clock_hz};
}

}  // namespace

bool SpiBus::attach(std::size_t chip_select, twins::SpiChip& chip) {
  if (chip_select >= chips_.size() || chips_[chip_select] != nullptr) return false;
  chips_[chip_select] = &chip;
  return true;
}

bool SpiBus::do_submit(hal::SpiTransfer& transfer) {
  if (transfers_.full() || transfer.chip_select >= chips_.size() || transfer.bytes > transfer.write.size() ||
      transfer.clock_hz == 0 || transfer.mode > 3)
    return false;
  const Timing timing =
      time_operation(faults_, name_, std::max(now(), free_at_), clocks_time(transfer), transfer.deadline);
  if (timing.outcome == hal::Completion::done) free_at_ = timing.ends;
  return transfers_.add({&transfer, timing});
}

void SpiBus::do_finish_next() {
  const auto [transfer, timing, place, writes] = transfers_.take();
  transfer->completion =
      timing.outcome == hal::Completion::done ? talk(*transfer, timing.ends) : timing.outcome;
}

/// Nobody acknowledges anything: where no chip drives the wire, it is high.
hal::Completion SpiBus::talk(hal::SpiTransfer& transfer, Instant at) {
  const auto chip_name = format_text<31>("%.*s/%u", length(name_), name_.view().data(),
                                         static_cast<unsigned>(transfer.chip_select));
  if (faults_.strikes(FaultKind::fails, chip_name, at) != nullptr) return hal::Completion::failed;
  twins::SpiChip* chip = chips_[transfer.chip_select];
  transfer.read.fill(0xFF);
  if (chip != nullptr && faults_.strikes(FaultKind::silent, chip_name, at) == nullptr)
    chip->exchange(transfer.mode, {transfer.write.data(), transfer.bytes},
                   {transfer.read.data(), transfer.bytes});
  return hal::Completion::done;
}

}  // namespace signalbox::sim
