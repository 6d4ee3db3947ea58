#include "hal/linux/spi_worker.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/spi/spidev.h>
#include <sys/ioctl.h>

#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {

/// The mode is the device's until somebody sets another one; all else goes with each transfer.
bool SpiWorker::open_chip(Chip& chip, const PortRequest& request) const {
  if (chip.device && chip.mode == request.spi_mode) return true;
  if (!chip.device)
    chip.device = Descriptor{open(device_path(bus_, request.address).c_str(), O_RDWR | O_CLOEXEC)};
  chip.mode = request.spi_mode;
  if (chip.device && ioctl(chip.device.number(), SPI_IOC_WR_MODE, &chip.mode) == 0) return true;
  const int why = errno;
  chip.device = {};
  errno = why;
  return false;
}

void SpiWorker::do_serve(const PortRequest& request, PortReply& reply) {
  if (request.kind != PortRequest::Kind::exchange || request.address >= chips_.size() ||
      request.write_bytes > request.bytes.size() || request.spi_mode > SPI_MODE_3)
    return;
  if (request.line != bus_) chips_ = {};
  bus_ = request.line;
  Chip& chip = chips_[request.address];
  spi_ioc_transfer transfer{};
  transfer.tx_buf = reinterpret_cast<std::uintptr_t>(request.bytes.data());
  transfer.rx_buf = reinterpret_cast<std::uintptr_t>(reply.bytes.data());
  transfer.len = request.write_bytes;
  transfer.speed_hz = request.rate;
  transfer.bits_per_word = 8;
  if (open_chip(chip, request) && ioctl(chip.device.number(), SPI_IOC_MESSAGE(1), &transfer) >= 0) {
    reply.completion = Completion::done;
    return;
  }
  const bool is_absent = is_absence(errno) || errno == ESHUTDOWN;  // the latter: its driver was taken away
  reply.completion = is_absent            ? Completion::absent
                     : errno == ETIMEDOUT ? Completion::timed_out
                                          : Completion::failed;
  reply.why = error_words(errno);
  if (is_absent) chip.device = {};
}

}  // namespace signalbox::hal::kernel
