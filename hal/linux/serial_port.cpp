#include "hal/linux/serial_port.hpp"

#include <algorithm>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hal/linux/error_words.hpp"
#include "hal/serial.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr int kAdaptersMax = 64;

using Path = FixedText<63>;

/// The adapter whose way to the machine leads over `parent`; empty where there is none.
Path adapter_at(std::string_view kind, std::string_view parent) {
  const auto part = format_text<63>("/%.*s/", length(parent), parent.data());
  for (int i = 0; i < kAdaptersMax; ++i) {
    const auto name = format_text<31>("%.*s%d", length(kind), kind.data(), i);
    std::array<char, 255> target{};
    const ssize_t size =
        readlink(format_text<63>("/sys/class/tty/%s", name.c_str()).c_str(), target.data(), target.size());
    const std::string_view way{target.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    if (way.find(part.view()) != std::string_view::npos) return format_text<63>("/dev/%s", name.c_str());
  }
  return {};
}

Result<Path> path_of(std::string_view device) {
  constexpr std::string_view kBelow = "/dev/";
  if (!is_serial_device(device)) return Error{Reason::failed, "no file below /dev can have that name"};
  if (device.starts_with(kBelow)) device.remove_prefix(kBelow.size());
  const std::size_t at = device.find('@');
  if (at == std::string_view::npos) return format_text<63>("/dev/%.*s", length(device), device.data());
  const Path path = adapter_at(device.substr(0, at), device.substr(at + 1));
  if (path.empty()) return Error{Reason::not_found, "no such adapter is plugged in there"};
  return path;
}

Error why_not_open(int error_number) {
  if (error_number == EBUSY) return {Reason::busy, "another program has it for itself"};
  return {is_absence(error_number) ? Reason::not_found : Reason::failed, error_words(error_number)};
}

}  // namespace

Result<SerialPort> SerialPort::open(std::string_view device, std::uint32_t baud) {
  const Result<Path> path = path_of(device);
  if (!path) return path.error();
  Descriptor file{::open(path->c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  if (!file) return why_not_open(errno);
  termios2 settings{};
  if (ioctl(file.number(), TCGETS2, &settings) != 0) return Error{Reason::failed, "it is no serial port"};
  settings.c_iflag = IGNBRK | IGNPAR;
  settings.c_oflag = 0;
  settings.c_lflag = 0;
  settings.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;  // and no HUPCL: some boards start anew when it is closed
  settings.c_ispeed = settings.c_ospeed = baud;
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  if (ioctl(file.number(), TIOCEXCL) != 0 || ioctl(file.number(), TCSETS2, &settings) != 0 ||
      ioctl(file.number(), TCFLSH, TCIFLUSH) != 0)
    return Error{Reason::failed,
                 format_text<95>("it cannot be set to %u baud: %s", baud, error_words(errno))};
  return SerialPort{std::move(file)};
}

Result<void> SerialPort::look(std::string_view device) {
  const Result<Path> path = path_of(device);
  if (!path) return path.error();
  if (access(path->c_str(), R_OK) != 0) return why_not_open(errno);
  return {};
}

/// Where another program has it open as well, it would be shut to whoever comes next.
SerialPort::~SerialPort() {
  if (file_) (void)ioctl(file_.number(), TIOCNXCL);
}

long SerialPort::read(std::array<char, 256>& into) const {
  const ssize_t size = ::read(file_.number(), into.data(), into.size());
  if (size > 0) return size;
  return size < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;  // 0: it was unplugged
}

}  // namespace signalbox::hal::kernel
