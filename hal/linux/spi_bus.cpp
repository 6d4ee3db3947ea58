#include "hal/linux/spi_bus.hpp"

#include <algorithm>
#include <unistd.h>

#include "hal/linux/spi_worker.hpp"

namespace signalbox::hal::kernel {
namespace {

void finish_spi(void* record, const PortReply& reply) {
  auto& transfer = *static_cast<SpiTransfer*>(record);
  std::copy_n(reply.bytes.begin(), transfer.bytes, transfer.read.begin());
  transfer.completion = reply.completion;
}

}  // namespace

bool SpiBus::is_there(int bus) {
  for (unsigned chip = 0; chip < SpiTransfer::kChipsMax; ++chip)
    if (access(SpiWorker::device_path(bus, chip).c_str(), F_OK) == 0) return true;
  return false;
}

Result<void> SpiBus::open(int bus, bool fenced) { return link_.open<SpiWorker>(bus, fenced); }

bool SpiBus::do_submit(SpiTransfer& transfer) {
  if (transfer.bytes > transfer.write.size()) return false;
  PortRequest request;
  request.kind = PortRequest::Kind::exchange;
  request.deadline = transfer.deadline;
  request.address = transfer.chip_select;
  request.spi_mode = transfer.mode;
  request.rate = transfer.clock_hz;
  request.write_bytes = transfer.bytes;
  request.bytes = transfer.write;
  return link_.submit(request, &transfer, finish_spi);
}

}  // namespace signalbox::hal::kernel
