#include "hal/linux/i2c_bus.hpp"

#include <utility>

#include "base/log.hpp"
#include "hal/linux/i2c_worker.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

void finish_transfer(void* record, const PortReply& reply) {
  auto& transfer = *static_cast<I2cTransfer*>(record);
  transfer.read = reply.bytes;
  transfer.completion = reply.completion;
}

}  // namespace

Result<void> I2cBus::open(int bus, bool fenced) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  if (I2cWorker{bus, sockets->theirs.number(), fenced}.start() < 0)
    return last_error("the I2C bus's process");
  bus_ = bus;
  link_ = PortLink{std::move(sockets->ours)};
  return {};
}

bool I2cBus::do_submit(I2cTransfer& transfer) {
  PortRequest request;
  request.kind = PortRequest::Kind::transfer;
  request.deadline = transfer.deadline;
  request.address = transfer.address;
  request.write_bytes = transfer.write_bytes;
  request.read_bytes = transfer.read_bytes;
  request.bytes = transfer.write;
  return link_.submit(request, &transfer, finish_transfer);
}

void I2cBus::poll(Instant now) {
  const PortLink::News news = link_.poll(now);
  if (news.gone) log(Severity::error, "I2C bus %d: its process is gone for good: restart this one", bus_);
  if (news.died) log(Severity::warning, "I2C bus %d: its process hung or died; another one takes over", bus_);
}

}  // namespace signalbox::hal::kernel
