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
constexpr unsigned long kTimeout_10ms = 20;

/// As Documentation/i2c/fault-codes.rst tells them apart: nobody acknowledged, or the bus did not get free.
Completion completion_of(int error_number) {
  switch (error_number) {
    case ENXIO:
    case EREMOTEIO:
    case ENODEV: return Completion::no_reply;
    case ETIMEDOUT:
    case EAGAIN:
    case EBUSY: return Completion::timed_out;
    default: return Completion::failed;
  }
}

}  // namespace

void I2cWorker::do_serve(const PortRequest& request, PortReply& reply) {
  if (request.kind != PortRequest::Kind::transfer) return;
  if (!device_) {
    device_ = Descriptor{open(format_text<31>("/dev/i2c-%d", bus_).c_str(), O_RDWR | O_CLOEXEC)};
    if (device_) ioctl(device_.number(), I2C_TIMEOUT, kTimeout_10ms);
  }
  std::array<std::uint8_t, 16> out = request.bytes;
  if (request.write_bytes > out.size() || request.read_bytes > reply.bytes.size()) return;
  std::array<i2c_msg, 2> messages{i2c_msg{request.address, 0, request.write_bytes, out.data()},
                                  i2c_msg{request.address, I2C_M_RD, request.read_bytes, reply.bytes.data()}};
  // A transfer may have one of its halves only.
  i2c_msg* const first = messages.data() + (request.write_bytes == 0 ? 1 : 0);
  i2c_msg* const end = messages.data() + (request.read_bytes == 0 ? 1 : 2);
  i2c_rdwr_ioctl_data transfer{first, static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(end - first, 0))};
  if (device_ && ioctl(device_.number(), I2C_RDWR, &transfer) >= 0) {
    reply.completion = Completion::done;
    return;
  }
  reply.completion = completion_of(errno);
  reply.why = error_words(errno);
  if (errno == ENODEV) device_ = {};  // the adapter was taken away, and may come back
}

}  // namespace signalbox::hal::kernel
