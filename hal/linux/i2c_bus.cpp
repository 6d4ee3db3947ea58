#include "hal/linux/i2c_bus.hpp"

#include <unistd.h>

#include "hal/linux/i2c_worker.hpp"

namespace signalbox::hal::kernel {
namespace {

void finish_i2c(void* record, const PortReply& reply) {
  auto& transfer = *static_cast<I2cTransfer*>(record);
  transfer.read = reply.bytes;
  transfer.completion = reply.completion;
}

}  // namespace

bool I2cBus::is_there(int bus) { return access(format_text<31>("/dev/i2c-%d", bus).c_str(), F_OK) == 0; }

Result<void> I2cBus::open(int bus, bool fenced) { return link_.open<I2cWorker>(bus, fenced); }

bool I2cBus::do_submit(I2cTransfer& transfer) {
  PortRequest request;
  request.kind = PortRequest::Kind::transfer;
  request.deadline = transfer.deadline;
  request.address = transfer.address;
  request.write_bytes = transfer.write_bytes;
  request.read_bytes = transfer.read_bytes;
  request.bytes = transfer.write;
  return link_.submit(request, &transfer, finish_i2c);
}

}  // namespace signalbox::hal::kernel
