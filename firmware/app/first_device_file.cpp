#include "app/first_device_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/path_pattern.hpp"

namespace signalbox::app {
namespace {

/// What every machine tells of itself: four parts with six channels.
constexpr std::string_view kHost = R"({
  "device": { "id": "signalbox", "title": "Signalbox" },
  "parts": [
    { "kind": "hostLoad", "channels": { "load": { "path": "host/load", "title": "Load, one minute" } } },
    { "kind": "hostMemory", "channels": { "used": { "path": "host/memoryUsed", "title": "Memory in use" },
      "available": { "path": "host/memoryAvailable", "title": "Memory available" } } },
    { "kind": "hostTraffic", "channels": { "received": { "path": "host/received", "title": "Network, received" },
      "sent": { "path": "host/sent", "title": "Network, sent" } } },
    { "kind": "hostUptime", "channels": { "uptime": { "path": "host/uptime", "title": "Up for" } } })";
constexpr std::size_t kHostParts = 4;
constexpr std::size_t kHostChannels = 6;
constexpr std::string_view kEnd = "\n  ]\n}\n";

/// Units of channels by how their names begin, as hal/linux/sysfs has them.
struct Quantity {
  std::string_view prefix;
  std::string_view unit;
};
constexpr std::array kHwmon{
    Quantity{"temp", "Cel"}, Quantity{"in", "V"},       Quantity{"curr", "A"},   Quantity{"fan", "/min"},
    Quantity{"power", "W"},  Quantity{"humidity", "%"}, Quantity{"energy", "J"}, Quantity{"freq", "Hz"},
};
constexpr std::array kIio{
    Quantity{"in_temp", "Cel"},       Quantity{"in_voltage", "V"},          Quantity{"in_current", "A"},
    Quantity{"in_power", "W"},        Quantity{"in_humidityrelative", "%"}, Quantity{"in_pressure", "kPa"},
    Quantity{"in_illuminance", "lx"},
};

template <std::size_t kCount>
FixedText<31> unit_member(const std::array<Quantity, kCount>& quantities, std::string_view channel) {
  for (const Quantity& its : quantities)
    if (channel.starts_with(its.prefix))
      return format_text<31>(R"(, "unit": "%.*s")", length(its.unit), its.unit.data());
  return {};
}

/// A name that JSON can have as it is.
bool is_plain_text(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

/// The name as a level of a path.
FixedText<63> level(std::string_view name) {
  std::array<char, 63> kept{};
  const std::size_t size = std::min(name.size(), kept.size());
  std::transform(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(size), kept.begin(), [](char c) {
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    return stays ? c : '-';
  });
  return std::string_view{kept.data(), size};
}

}  // namespace

FirstDeviceFile::FirstDeviceFile(const Budget& budget, device::Catalogue catalogue, std::FILE* told)
    : catalogue_{catalogue},
      told_{told},
      parts_max_{std::min<std::size_t>(budget.parts_max, budget.channels_max - kHostChannels + kHostParts)},
      parts_{kHostParts} {
  add_text(kHost);
  std::fprintf(told_, "  in    this machine: load, memory, network, uptime\n");
}

std::string_view FirstDeviceFile::finish() {
  if (!line_.empty()) tell_about_lines();
  add_text(kEnd);
  return text();
}

void FirstDeviceFile::add_text(std::string_view text) {
  std::copy(text.begin(), text.end(), text_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += text.size();
}

void FirstDeviceFile::add(std::string_view what, std::string_view part, std::string_view port,
                          std::string_view path, std::string_view rest) {
  const auto quoted = format_text<63>(R"("path": "%.*s")", length(path), path.data());
  const auto entry =
      format_text<383>(",\n    { %.*s, \"channels\": { \"%.*s\": { %s%.*s } } }", length(part), part.data(),
                       length(port), port.data(), quoted.c_str(), length(rest), rest.data());
  const char* why = !is_plain_text(what)   ? "its name cannot stand in a device file"
                    : !is_valid_path(path) ? "its name is too long for a channel's path"
                    : has(quoted)          ? "another one has its name"
                    : parts_ == parts_max_ ? "this board has no place for more parts"
                    : size_ + entry.size() + kEnd.size() > text_.size() ? "the file would be too long"
                                                                        : nullptr;
  if (why != nullptr) return leave(what, why);
  std::fprintf(told_, "  in    %.*s\n", length(what), what.data());
  add_text(entry);
  ++parts_;
}

void FirstDeviceFile::leave(std::string_view what, std::string_view why) {
  std::fprintf(told_, "  left  %.*s: %.*s\n", length(what), what.data(), length(why), why.data());
}

void FirstDeviceFile::do_thermal_zone(std::string_view type) {
  add(format_text<95>("thermal zone %.*s", length(type), type.data()),
      format_text<95>(R"("kind": "thermalZone", "zone": "%.*s")", length(type), type.data()), "temperature",
      format_text<95>("host/%s", level(type).c_str()), R"(, "unit": "Cel")");
}

void FirstDeviceFile::do_sensor(const hal::AttributeSource& source) {
  using Subsystem = hal::AttributeSource::Subsystem;
  const std::string_view device = source.device;
  const std::string_view channel = source.channel;
  if (source.subsystem == Subsystem::one_wire) {
    add(format_text<95>("thermometer %.*s", length(device), device.data()),
        format_text<95>(R"("kind": "ds18b20", "id": "%.*s")", length(device), device.data()), "temperature",
        format_text<95>("thermometer/%s", level(device).c_str()), R"(, "unit": "Cel")");
    return;
  }
  const bool is_hwmon = source.subsystem == Subsystem::hwmon;
  add(format_text<95>("%.*s %.*s", length(device), device.data(), length(channel), channel.data()),
      format_text<191>(is_hwmon ? R"("kind": "hwmon", "chip": "%.*s", "input": "%.*s")"
                                : R"("kind": "iioChannel", "device": "%.*s", "channel": "%.*s")",
                       length(device), device.data(), length(channel), channel.data()),
      "value", format_text<95>("%s/%s", level(device).c_str(), level(channel).c_str()),
      is_hwmon ? unit_member(kHwmon, channel) : unit_member(kIio, channel));
}

/// What a line may be beside a plain input, nobody but who wired it knows.
void FirstDeviceFile::tell_about_lines() {
  std::fprintf(told_, "  next  what lines are for, you know. A line such as %s that\n", line_.c_str());
  const auto tell = [this](const char* what, const char* kind, const char* settings, const char* channel) {
    std::fprintf(told_, "          %s: { \"kind\": \"%s\", \"line\": \"%s\"%s, \"channels\": { %s } }\n",
                 what, kind, line_.c_str(), settings, channel);
  };
  tell("switches something", "relay", "", R"("state": { "path": "output", "safe": false })");
  tell("is a button to ground", "digitalInput", R"(, "bias": "pullUp", "activeLow": true, "debounceMs": 5)",
       R"("state": { "path": "input" })");
  tell("gets pulses to count", "pulseCounter", R"(, "bias": "pullUp", "pulsesPerUnit": 1)",
       R"("count": { "path": "pulses/count" }, "rate": { "path": "pulses/rate" })");
}

void FirstDeviceFile::do_free_line(std::string_view name, bool is_plain) {
  if (line_.empty() && is_plain_text(name)) line_ = name;
  const auto what = format_text<95>("line %.*s", length(name), name.data());
  const auto part = format_text<95>(R"("kind": "digitalInput", "line": "%.*s")", length(name), name.data());
  const auto path = format_text<95>("lines/%s", level(name).c_str());
  if (is_plain) return add(what, part, "state", path, {});
  leave(what, "whether it is free for an input, the kernel does not say");
}

void FirstDeviceFile::do_i2c_bus(int number) {
  leave(format_text<31>("i2c-%d", number),
        "its chips are not asked, as some take a read for an order; known by their addresses are");
  for (const device::PartKind& kind : catalogue_)
    for (const device::SettingSpec& its : kind.settings)
      if (its.name == "address")
        std::fprintf(
            told_,
            "          %.*s at %.0f to %.0f: { \"kind\": \"%.*s\", \"bus\": %d, \"address\": %.0f, ... }\n",
            length(kind.name), kind.name.data(), its.min, its.max, length(kind.name), kind.name.data(),
            number, its.fallback);
}

void FirstDeviceFile::do_spi_chip(int bus, int chip_select) {
  leave(format_text<31>("spidev%d.%d", bus, chip_select),
        "what hangs on it, if anything, cannot be asked; known are");
  for (const device::PartKind& kind : catalogue_)
    for (const device::SettingSpec& its : kind.settings)
      if (its.name == "chipSelect")
        std::fprintf(told_, "          { \"kind\": \"%.*s\", \"bus\": %d, \"chipSelect\": %d, ... }\n",
                     length(kind.name), kind.name.data(), bus, chip_select);
}

void FirstDeviceFile::do_can_interface(std::string_view name) {
  leave(format_text<31>("%.*s", length(name), name.data()),
        "which frames come there, and what they mean, cannot be asked; a DBC file tells");
  std::fprintf(
      told_,
      "          { \"kind\": \"canSignal\", \"interface\": \"%.*s\", \"id\": \"0x123\", \"startBit\": 0, "
      "\"bits\": 8, ... }\n",
      length(name), name.data());
}

Result<void> FirstDeviceFile::write(const char* path, std::string_view text) {
  std::FILE* file = std::fopen(path, "wx");
  if (file == nullptr)
    return Error{
        errno == EEXIST ? Reason::conflict : Reason::failed,
        format_text<159>("%.80s: %s", path,
                         errno == EEXIST ? "there is a file already, and it stays as it is; take another name"
                                         : std::strerror(errno))};
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) == 0 && is_written) return {};
  const int why = errno;
  std::remove(path);
  return Error{Reason::failed, format_text<159>("%.80s: %s", path, std::strerror(why))};
}

}  // namespace signalbox::app
