#include "hal/linux/i2c_worker.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>

#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

/// For one transfer, in the kernel's units of 10 ms. Many adapters' own limit is a second.
constexpr unsigned long kTimeoutTicks = 20;

/// As Documentation/i2c/fault-codes.rst tells them apart: nobody acknowledged, or the bus did not get free.
Completion completion_of(int error_number) {
  switch (error_number) {
    case ENXIO:
    case EREMOTEIO: return Completion::no_reply;
    case ENODEV: return Completion::absent;
    case ETIMEDOUT:
    case EAGAIN:
    case EBUSY: return Completion::timed_out;
    default: return Completion::failed;
  }
}

}  // namespace

bool I2cWorker::open_device(int bus) {
  if (device_ && bus == bus_) return true;
  bus_ = bus;
  device_ = Descriptor{open(format_text<31>("/dev/i2c-%d", bus).c_str(), O_RDWR | O_CLOEXEC)};
  if (!device_) return false;
  (void)ioctl(device_.number(), I2C_TIMEOUT, kTimeoutTicks);
  return ioctl(device_.number(), I2C_FUNCS, &functions_) == 0;
}

void I2cWorker::do_serve(const PortRequest& request, PortReply& reply) {
  if (request.kind != PortRequest::Kind::transfer || request.write_bytes > request.bytes.size() ||
      request.read_bytes > reply.bytes.size())
    return;
  const bool is_open = open_device(request.line);
  if (is_open &&
      ((functions_ & I2C_FUNC_I2C) != 0 ? transfer(request, reply) : transfer_by_smbus(request, reply))) {
    reply.completion = Completion::done;
    return;
  }
  reply.completion = !is_open && is_absence(errno) ? Completion::absent : completion_of(errno);
  reply.why = error_words(errno);
  // It may have been taken away, and the kernel lets none come in its place while it is held.
  if (reply.completion == Completion::absent || reply.completion == Completion::failed) device_ = {};
}

bool I2cWorker::transfer(const PortRequest& request, PortReply& reply) const {
  auto out = request.bytes;
  std::array<i2c_msg, 2> messages{};
  std::uint32_t count = 0;
  if (request.write_bytes > 0) messages[count++] = {request.address, 0, request.write_bytes, out.data()};
  if (request.read_bytes > 0)
    messages[count++] = {request.address, I2C_M_RD, request.read_bytes, reply.bytes.data()};
  i2c_rdwr_ioctl_data transfer{messages.data(), count};
  return ioctl(device_.number(), I2C_RDWR, &transfer) >= 0;
}

/// For adapters that know SMBus only (Documentation/i2c/smbus-protocol.rst): a register's number and then
/// what it holds, either way.
bool I2cWorker::transfer_by_smbus(const PortRequest& request, PortReply& reply) const {
  const bool reads = request.read_bytes > 0;
  const std::uint8_t size = reads ? request.read_bytes : static_cast<std::uint8_t>(request.write_bytes - 1);
  if (request.write_bytes == 0 || (reads && request.write_bytes > 1)) {
    errno = EOPNOTSUPP;
    return false;
  }
  i2c_smbus_data data{};
  i2c_smbus_ioctl_data transfer{
      .read_write = static_cast<std::uint8_t>(reads ? I2C_SMBUS_READ : I2C_SMBUS_WRITE),
      .command = request.bytes[0],
      .size = I2C_SMBUS_I2C_BLOCK_DATA,
      .data = &data};
  if (size == 0) transfer.size = I2C_SMBUS_BYTE;
  if (size == 1) transfer.size = I2C_SMBUS_BYTE_DATA;
  if (size == 2) transfer.size = I2C_SMBUS_WORD_DATA;
  // A byte and a word lie where the block has its length, a word's low byte first: as on the wire.
  std::uint8_t* const at = size > 2 ? data.block + 1 : data.block;
  if (size > 2) data.block[0] = size;
  if (!reads) std::copy_n(request.bytes.begin() + 1, size, at);
  if (ioctl(device_.number(), I2C_SLAVE, static_cast<unsigned long>(request.address)) < 0 ||
      ioctl(device_.number(), I2C_SMBUS, &transfer) < 0)
    return false;
  if (reads) std::copy_n(at, size, reply.bytes.begin());
  return true;
}

}  // namespace signalbox::hal::kernel
