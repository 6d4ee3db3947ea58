#include "sim/hal/i2c_bus.hpp"

namespace signalbox::sim {
namespace {

constexpr Duration kByteTime{90};  // nine clocks at 100 kHz

Duration wire_time(const hal::I2cTransfer& transfer) {
  int bytes = transfer.write_bytes + transfer.read_bytes;
  if (transfer.write_bytes > 0) ++bytes;  // the address
  if (transfer.read_bytes > 0) ++bytes;   // the address again after the repeated start
  return kByteTime * bytes;
}

}  // namespace

bool I2cBus::attach(std::uint8_t address, twins::I2cChip& chip) {
  if (address < 0x08 || address > 0x77 || chips_[address] != nullptr) return false;
  chips_[address] = &chip;
  return true;
}

bool I2cBus::do_submit(hal::I2cTransfer& transfer) {
  if (transfers_.full() || transfer.address >= chips_.size() ||
      transfer.write_bytes > transfer.write.size() || transfer.read_bytes > transfer.read.size())
    return false;
  const Timing timing =
      time_operation(faults_, name_, std::max(now(), free_at_), wire_time(transfer), transfer.deadline);
  if (timing.outcome == hal::Completion::done) free_at_ = timing.ends;
  return transfers_.add({&transfer, timing});
}

void I2cBus::do_finish_next() {
  const auto [transfer, timing, place, writes] = transfers_.take();
  transfer->completion =
      timing.outcome == hal::Completion::done ? talk(*transfer, timing.ends) : timing.outcome;
}

hal::Completion I2cBus::talk(hal::I2cTransfer& transfer, Instant at) {
  const auto chip_name =
      format_text<31>("%.*s/%u", length(name_), name_.view().data(), static_cast<unsigned>(transfer.address));
  twins::I2cChip* chip = chips_[transfer.address];
  if (chip == nullptr || faults_.strikes(FaultKind::silent, chip_name, at) != nullptr)
    return hal::Completion::no_reply;
  if (faults_.strikes(FaultKind::fails, chip_name, at) != nullptr) return hal::Completion::failed;
  if (transfer.write_bytes > 0 && !chip->write(at, {transfer.write.data(), transfer.write_bytes}))
    return hal::Completion::no_reply;
  if (transfer.read_bytes > 0 && !chip->read(at, {transfer.read.data(), transfer.read_bytes}))
    return hal::Completion::no_reply;
  return hal::Completion::done;
}

}  // namespace signalbox::sim
