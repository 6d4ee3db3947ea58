#include "hal/linux/survey.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fixed_text.hpp"
#include "hal/linux/can_interfaces.hpp"
#include "hal/linux/can_socket.hpp"
#include "hal/linux/descriptor.hpp"
#include "hal/linux/error_words.hpp"
#include "hal/linux/gpio_line.hpp"
#include "hal/linux/pwm_output.hpp"
#include "hal/linux/serial_port.hpp"
#include "hal/linux/spi_worker.hpp"
#include "hal/linux/sysfs_survey.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr int kPlaces = 32;  ///< `gpiochip0` to `gpiochip31`, and buses alike
constexpr char kJoinGroup[] = "join the group that owns it: usermod -aG GROUP USER";

Descriptor open_device(const FixedText<31>& name, int flags) {
  return Descriptor{open(format_text<63>("/dev/%s", name.c_str()).c_str(), flags | O_CLOEXEC)};
}

void list_lines(hal::Survey::Listener& listener, const Descriptor& chip, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    gpio_v2_line_info line{};
    line.offset = i;
    if (ioctl(chip.number(), GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0) continue;
    const bool is_used = (line.flags & GPIO_V2_LINE_FLAG_USED) != 0;
    listener.tell(format_text<127>("    %2u  %-20s  %s%s", i, line.name[0] == '\0' ? "-" : line.name,
                                   is_used ? "in use by " : "free", is_used ? line.consumer : ""));
  }
}

int list_chips(hal::Survey::Listener& listener) {
  int found = 0;
  for (int i = 0; i < kPlaces; ++i) {
    const auto name = format_text<31>("gpiochip%d", i);
    const Descriptor chip = open_device(name, O_RDWR);
    if (!chip && errno == ENOENT) continue;
    ++found;
    gpiochip_info about{};
    if (!chip || ioctl(chip.number(), GPIO_GET_CHIPINFO_IOCTL, &about) != 0) {
      listener.tell(format_text<127>("  %s  %s; %s", name.c_str(), error_words(errno), kJoinGroup));
      continue;
    }
    listener.tell(format_text<127>("  %s  %s, %u lines", name.c_str(), about.label, about.lines));
    list_lines(listener, chip, about.lines);
  }
  return found;
}

int list_buses(hal::Survey::Listener& listener) {
  int found = 0;
  for (int i = 0; i < kPlaces; ++i) {
    const auto name = format_text<31>("i2c-%d", i);
    const Descriptor bus = open_device(name, O_RDWR);
    if (!bus && errno == ENOENT) continue;
    ++found;
    std::array<char, 64> about{};
    const Descriptor described{
        open(format_text<63>("/sys/class/i2c-dev/i2c-%d/name", i).c_str(), O_RDONLY | O_CLOEXEC)};
    const long size = described ? described.read_all(about) : 0;
    const int text =
        static_cast<int>(size > 0 && about[static_cast<std::size_t>(size - 1)] == '\n' ? size - 1 : size);
    listener.tell(bus ? format_text<127>("  %s  %.*s", name.c_str(), text > 0 ? text : 0, about.data())
                      : format_text<127>("  %s  %s; %s", name.c_str(), error_words(errno), kJoinGroup));
  }
  return found;
}

/// Calls `take(bus, chip select)` for each that is there.
template <typename Take>
int each_spi_chip(const Take& take) {
  int found = 0;
  for (int bus = 0; bus < kPlaces; ++bus) {
    for (unsigned chip = 0; chip < SpiTransfer::kChipsMax; ++chip) {
      if (access(SpiWorker::device_path(bus, chip).c_str(), F_OK) != 0) continue;
      ++found;
      take(bus, static_cast<int>(chip));
    }
  }
  return found;
}

int list_spi_chips(hal::Survey& survey, hal::Survey::Listener& listener) {
  return each_spi_chip([&](int bus, int chip) {
    const Result<void> looked = survey.spi_chip(bus, chip);
    listener.tell(looked ? format_text<127>("  spidev%d.%d  SPI bus %d, chip select %d", bus, chip, bus, chip)
                         : format_text<127>("  spidev%d.%d  %s; %s", bus, chip, looked.error().detail.c_str(),
                                            kJoinGroup));
  });
}

/// Calls `take(interface)` for each that is there.
template <typename Take>
int each_can_interface(const Take& take) {
  std::array<CanInterface, kPlaces> storage{};
  const std::span<const CanInterface> found = read_can_interfaces(storage);
  for (const CanInterface& its : found) take(its);
  return static_cast<int>(found.size());
}

int list_can_interfaces(hal::Survey::Listener& listener) {
  return each_can_interface([&listener](const CanInterface& its) {
    FixedText<63> how = its.is_up ? "" : its.to_bring_up();
    if (its.is_up && its.is_bus) how = format_text<63>("%u bit/s, %s", its.bitrate, its.state);
    listener.tell(format_text<127>("  %s  CAN interface%s, %s%s%s", its.name.c_str(),
                                   its.is_bus ? "" : " of no bus (virtual)", its.is_up ? "up" : "down",
                                   how.empty() ? ""
                                   : its.is_up ? ", "
                                               : ": ",
                                   how.c_str()));
  });
}

/// Whether its pins can be given to a bus as well: the device tree says so, or its driver by its name.
bool is_pin_controller(int chip, std::string_view label) {
  return label.starts_with("pinctrl") ||
         access(format_text<63>("/sys/bus/gpio/devices/gpiochip%d/of_node/gpio-ranges", chip).c_str(),
                F_OK) == 0;
}

void find_lines(hal::Survey::Finder& finder) {
  for (int i = 0; i < kPlaces; ++i) {
    const Descriptor chip = open_device(format_text<31>("gpiochip%d", i), O_RDWR);
    gpiochip_info about{};
    if (!chip || ioctl(chip.number(), GPIO_GET_CHIPINFO_IOCTL, &about) != 0) continue;
    const bool is_shared = is_pin_controller(i, about.label);
    for (std::uint32_t offset = 0; offset < about.lines; ++offset) {
      gpio_v2_line_info line{};
      line.offset = offset;
      if (ioctl(chip.number(), GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0 || line.name[0] == '\0' ||
          (line.flags & GPIO_V2_LINE_FLAG_USED) != 0)
        continue;
      finder.line(line.name, !is_shared && (line.flags & GPIO_V2_LINE_FLAG_INPUT) != 0);
    }
  }
}

/// Four of ttyS are there on every PC, whether it has any or not; what type they are tells.
bool is_nothing(const FixedText<31>& name) {
  const Descriptor type{
      open(format_text<63>("/sys/class/tty/%s/type", name.c_str()).c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 8> text{};
  return type && type.read_all(text) > 0 && text[0] == '0';
}

void list_serial_ports(hal::Survey::Listener& listener) {
  for (const char* kind : {"ttyUSB", "ttyACM", "ttyAMA", "ttyS"}) {
    for (int i = 0; i < kPlaces; ++i) {
      const auto name = format_text<31>("%s%d", kind, i);
      const Result<void> looked = SerialPort::look(name);
      if ((!looked && looked.error().reason == Reason::not_found) || is_nothing(name)) continue;
      listener.tell(looked ? format_text<127>("  %s  serial port", name.c_str())
                           : format_text<127>("  %s  serial port: %s; %s", name.c_str(),
                                              looked.error().detail.c_str(), kJoinGroup));
    }
  }
}

}  // namespace

void Survey::do_find(Finder& finder) {
  SysfsSurvey{}.find(finder);
  find_lines(finder);
  for (int i = 0; i < kPlaces; ++i)
    if (access(format_text<31>("/dev/i2c-%d", i).c_str(), F_OK) == 0) finder.i2c_bus(i);
  each_spi_chip([&finder](int bus, int chip) { finder.spi_chip(bus, chip); });
  each_can_interface([&finder](const CanInterface& its) { finder.can_interface(its.name); });
}

void Survey::do_list(Listener& listener) {
  if (list_chips(listener) == 0) listener.tell("  no GPIO chip: there is no /dev/gpiochip0");
  int pwm_chips = 0;
  for (int i = 0; i < PwmOutput::kChipsMax; ++i) {
    const FixedText<127> words = PwmOutput::chip_words("", i);
    if (words.empty()) continue;
    ++pwm_chips;
    listener.tell(format_text<127>("  %s", words.c_str()));
  }
  if (pwm_chips == 0) listener.tell("  no PWM chip: switch one on (Raspberry Pi: dtoverlay=pwm-2chan)");
  list_serial_ports(listener);
  if (list_buses(listener) == 0)
    listener.tell("  no I2C bus: load i2c-dev, and switch a bus on (Raspberry Pi: dtparam=i2c_arm=on)");
  if (list_spi_chips(*this, listener) == 0)
    listener.tell("  no SPI bus: switch one on (Raspberry Pi: dtparam=spi=on)");
  if (list_can_interfaces(listener) == 0)
    listener.tell("  no CAN interface: load its driver, or try with `ip link add vcan0 type vcan`");
}

Result<void> Survey::do_line(std::string_view name) { return GpioLine::look(name); }

Result<void> Survey::do_pwm_output(std::string_view name) {
  const Result<PwmOutput> found = PwmOutput::find("", name);
  if (!found) return found.error();
  return found->check_rights();
}

Result<void> Survey::do_serial_port(std::string_view device) { return SerialPort::look(device); }

Result<void> Survey::do_i2c_chip(int bus, int address) {
  const auto name = format_text<31>("i2c-%d", bus);
  const Descriptor device = open_device(name, O_RDWR);
  if (!device && errno == ENOENT)
    return Error{Reason::not_found,
                 format_text<95>("there is no /dev/%s: load i2c-dev, switch the bus on", name.c_str())};
  if (!device)
    return Error{Reason::forbidden, format_text<95>("/dev/%s: %s", name.c_str(), error_words(errno))};
  if (ioctl(device.number(), I2C_SLAVE, static_cast<unsigned long>(address)) < 0)
    return Error{Reason::busy, "a driver of the kernel has that address"};
  i2c_smbus_data data{};
  i2c_smbus_ioctl_data read{
      .read_write = I2C_SMBUS_READ, .command = 0, .size = I2C_SMBUS_BYTE, .data = &data};
  if (ioctl(device.number(), I2C_SMBUS, &read) >= 0) return {};
  return Error{Reason::not_found, format_text<95>("no chip answers there: %s", error_words(errno))};
}

Result<void> Survey::do_spi_chip(int bus, int chip_select) {
  const auto path = SpiWorker::device_path(bus, static_cast<unsigned>(chip_select));
  if (Descriptor{::open(path.c_str(), O_RDWR | O_CLOEXEC)}) return {};
  if (errno == ENOENT)
    return Error{Reason::not_found, format_text<95>("there is no %s: switch the bus on", path.c_str())};
  return Error{Reason::forbidden, format_text<95>("%s: %s", path.c_str(), error_words(errno))};
}

Result<void> Survey::do_sensor(const AttributeSource& source) {
  const Result<double> told = Sysfs{}.read(source);
  if (told) return {};
  if (told.error().reason != Reason::not_found) return told.error();
  return Error{Reason::not_found, format_text<95>("%s: is its driver loaded?", told.error().detail.c_str())};
}

Result<void> Survey::do_can_interface(std::string_view name) {
  std::array<CanInterface, kPlaces> storage{};
  for (const CanInterface& its : read_can_interfaces(storage))
    if (its.name.view() == name && !its.is_up)
      return Error{Reason::not_found, format_text<95>("it is down: %s", its.to_bring_up().c_str())};
  const Result<CanSocket> opened = CanSocket::open(name);
  if (!opened) return opened.error();
  return {};
}

}  // namespace signalbox::hal::kernel
