#include "hal/linux/sysfs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fcntl.h>
#include <unistd.h>

#include "hal/linux/descriptor.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {

/// How a class of devices is laid out.
struct Sysfs::Class {
  const char* device;  ///< with its number to come
  const char* what;    ///< a device of it, for a person
};

namespace {

constexpr int kDevicesMax = 64;
constexpr int kMastersMax = 8;
constexpr std::string_view kBlank = " \t\n";

/// A prefix of channels, and what makes our unit of the kernel's.
struct Quantity {
  std::string_view prefix;
  double scale;
};
constexpr std::array kHwmon{
    Quantity{"temp", 1e-3},  Quantity{"in", 1e-3},       Quantity{"curr", 1e-3},   Quantity{"fan", 1.0},
    Quantity{"power", 1e-6}, Quantity{"humidity", 1e-3}, Quantity{"energy", 1e-6}, Quantity{"freq", 1.0},
};
constexpr std::array kIio{
    Quantity{"in_temp", 1e-3},  Quantity{"in_voltage", 1e-3},          Quantity{"in_current", 1e-3},
    Quantity{"in_power", 1e-3}, Quantity{"in_humidityrelative", 1e-3},
};

double hwmon_scale(std::string_view input) {
  for (const Quantity& its : kHwmon)
    if (input.starts_with(its.prefix)) return its.scale;
  return 1.0;
}

double iio_scale(std::string_view channel) {
  for (const Quantity& its : kIio)
    if (channel.starts_with(its.prefix)) return its.scale;
  return 1.0;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

/// `in_voltage0-voltage1` without its digits: what channels of a type share lies under that name.
FixedText<31> without_digits(std::string_view channel) {
  std::array<char, 31> kept{};
  const auto end =
      std::copy_if(channel.begin(), channel.end(), kept.begin(), [](char c) { return c < '0' || c > '9'; });
  return std::string_view{kept.data(), static_cast<std::size_t>(end - kept.begin())};
}

/// `in_accel_x` without its axis, or whatever else sets it apart from others of its type.
std::string_view without_modifier(std::string_view channel) {
  constexpr std::string_view kDirection = "in_";
  const std::size_t bar = channel.find('_', kDirection.size());
  return channel.substr(0, bar);
}

Error failed(const char* words) { return {Reason::failed, words}; }

bool is_missing(const Error& error) { return error.reason == Reason::not_found; }

}  // namespace

bool Sysfs::is_source(const AttributeSource& source) {
  if (source.device.size() > 31 || source.channel.size() > 31) return false;
  switch (source.subsystem) {
    case AttributeSource::Subsystem::hwmon: return !source.device.empty() && is_hwmon_input(source.channel);
    case AttributeSource::Subsystem::iio: return !source.device.empty() && is_iio_channel(source.channel);
    case AttributeSource::Subsystem::one_wire: return is_thermometer_or_any(source.device);
  }
  return false;
}

Result<double> Sysfs::read(const AttributeSource& source) const {
  if (!is_source(source)) return failed("there can be no source of that name");
  switch (source.subsystem) {
    case AttributeSource::Subsystem::hwmon: return hwmon(source);
    case AttributeSource::Subsystem::iio: return iio(source);
    default: return one_wire(source.device);
  }
}

Result<FixedText<63>> Sysfs::text(const Path& path) const {
  const Descriptor file{
      open(format_text<255>("%s%s", root_.c_str(), path.c_str()).c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 64> buffer{};
  const long size = file ? file.read_all(buffer) : -1;
  // A device that goes away takes its files with it while they are open.
  if (size < 0)
    return Error{errno == ENOENT || errno == ENODEV ? Reason::not_found : Reason::failed, error_words(errno)};
  if (static_cast<std::size_t>(size) == buffer.size()) return failed("it tells more than a number");
  return FixedText<63>{trimmed({buffer.data(), static_cast<std::size_t>(size)})};
}

Result<double> Sysfs::number(const Path& path) const {
  const Result<FixedText<63>> told = text(path);
  if (!told) return told.error();
  const std::string_view word = *told;
  if (word.empty()) return failed("it tells nothing");
  double number = 0.0;
  const auto [end, wrong] =
      std::from_chars(word.data(), word.data() + word.size(), number, std::chars_format::fixed);
  if (wrong == std::errc{} && end == word.data() + word.size() && std::isfinite(number)) return number;
  return Error{Reason::failed, format_text<95>("it tells \"%s\", which is no number", told->c_str())};
}

/// The class has a link to where the device really is, below what it hangs on.
bool Sysfs::hangs_on(const Path& device, std::string_view parent) const {
  std::array<char, 256> target{};
  const ssize_t size =
      readlink(format_text<255>("%s%s", root_.c_str(), device.c_str()).c_str(), target.data(), target.size());
  if (size <= 0) return false;
  const std::string_view way{target.data(), static_cast<std::size_t>(size)};
  return way.find(format_text<63>("/%.*s/", length(parent), parent.data()).view()) != std::string_view::npos;
}

Result<Sysfs::Path> Sysfs::find(const Class& its, std::string_view name) const {
  const std::size_t at = name.find('@');
  const std::string_view parent = at == std::string_view::npos ? std::string_view{} : name.substr(at + 1);
  for (int i = 0; i < kDevicesMax; ++i) {
    const auto device = format_text<127>("%s%d", its.device, i);
    const Result<FixedText<63>> told = text(format_text<127>("%s/name", device.c_str()));
    if (told && told->view() == name.substr(0, at) && (parent.empty() || hangs_on(device, parent)))
      return device;
  }
  return Error{Reason::not_found, format_text<95>("there is no %s of that name", its.what)};
}

Result<double> Sysfs::hwmon(const AttributeSource& source) const {
  const Result<Path> chip = find({"/sys/class/hwmon/hwmon", "chip"}, source.device);
  if (!chip) return chip.error();
  const auto file = [&](const char* what) {
    return format_text<127>("%s/%.*s_%s", chip->c_str(), length(source.channel), source.channel.data(), what);
  };
  const Result<double> fault = number(file("fault"));  // not every driver has it
  if (fault && *fault != 0.0) return failed("the chip reports a fault of that input");
  if (!fault && !is_missing(fault.error())) return fault;
  Result<double> told = number(file("input"));
  if (!told && is_missing(told.error())) told = number(file("average"));  // some have only that of power
  if (told) return *told * hwmon_scale(source.channel);
  return is_missing(told.error()) ? Error{Reason::not_found, "the chip has no such input"} : told.error();
}

Result<double> Sysfs::iio(const AttributeSource& source) const {
  const Result<Path> device = find({"/sys/bus/iio/devices/iio:device", "IIO device"}, source.device);
  if (!device) return device.error();
  const Result<double> told = scaled(*device, source.channel);
  if (told) return *told * iio_scale(source.channel);
  return is_missing(told.error()) ? Error{Reason::not_found, "the device has no such channel"} : told.error();
}

Result<double> Sysfs::scaled(const Path& device, std::string_view channel) const {
  const auto file = [&](const char* what) {
    return format_text<127>("%s/%.*s_%s", device.c_str(), length(channel), channel.data(), what);
  };
  Result<double> told = number(file("input"));
  if (told || !is_missing(told.error())) return told;
  told = number(file("raw"));
  if (!told) return told;
  const Result<double> offset = part_of(device, channel, "offset", 0.0);
  if (!offset) return offset;
  const Result<double> scale = part_of(device, channel, "scale", 1.0);
  if (!scale) return scale;
  return (*told + *offset) * *scale;
}

Result<double> Sysfs::part_of(const Path& device, std::string_view channel, const char* what,
                              double otherwise) const {
  const FixedText<31> shared = without_digits(channel);
  for (const std::string_view of : {channel, shared.view(), without_modifier(shared)}) {
    Result<double> told = number(format_text<127>("%s/%.*s_%s", device.c_str(), length(of), of.data(), what));
    if (told || !is_missing(told.error())) return told;
  }
  return otherwise;
}

/// A thermometer that does not answer, or whose scratchpad has a wrong CRC, after the driver's own tries:
/// nothing is told, or EIO.
Result<double> Sysfs::one_wire(std::string_view id) const {
  FixedText<31> its = id;
  if (id == "any") {
    const Result<FixedText<31>> found = any_thermometer();
    if (!found) return found.error();
    its = *found;
  }
  Result<double> told = number(format_text<127>("/sys/bus/w1/devices/%s/temperature", its.c_str()));
  if (told) return *told * 1e-3;
  if (is_missing(told.error())) return Error{Reason::not_found, "there is no thermometer of that id"};
  return told;
}

Result<FixedText<31>> Sysfs::any_thermometer() const {
  for (int i = 1; i <= kMastersMax; ++i) {
    const auto path =
        format_text<255>("%s/sys/bus/w1/devices/w1_bus_master%d/w1_master_slaves", root_.c_str(), i);
    const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer{};
    const long size = file ? file.read_all(buffer) : -1;
    std::string_view slaves{buffer.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
    while (!slaves.empty()) {
      const std::string_view slave = slaves.substr(0, slaves.find('\n'));
      if (is_thermometer(slave)) return FixedText<31>{slave};
      slaves.remove_prefix(std::min(slave.size() + 1, slaves.size()));
    }
  }
  return Error{Reason::not_found, "there is no thermometer on a 1-wire bus"};
}

}  // namespace signalbox::hal::kernel
