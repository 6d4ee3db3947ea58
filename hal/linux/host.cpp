#include "hal/linux/host.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>

#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr std::size_t kShortBytes = 256;
constexpr std::size_t kMemoryBytes = 2048;        // both lines wanted are among the first
constexpr std::size_t kTrafficBytes = 16 * 1024;  // about 120 interfaces; further ones are left out
constexpr int kZonesMax = 32;
constexpr std::string_view kSpace = " \t\n";

/// Takes the first word off `text`.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kSpace));
  text.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> parse(std::string_view word) {
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

/// The bytes behind a name such as `MemTotal:`, given in kB.
std::optional<std::uint64_t> kilobytes_of(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + name.size());
  const auto kilobytes = parse<std::uint64_t>(next_word(text));
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

/// Adds a line of /proc/net/dev: `eth0: 8 received numbers, 8 sent numbers`, bytes first. Other lines and the
/// loopback are passed over.
void add_interface(std::string_view line, Host::Traffic& sum) {
  constexpr int kNumbersBetween = 7;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string_view before = line.substr(0, colon);
  if (next_word(before) == "lo") return;
  line.remove_prefix(colon + 1);
  const auto received = parse<std::uint64_t>(next_word(line));
  for (int i = 0; i < kNumbersBetween; ++i) next_word(line);
  const auto sent = parse<std::uint64_t>(next_word(line));
  if (!received || !sent) return;
  sum.received_bytes += *received;
  sum.sent_bytes += *sent;
}

}  // namespace

std::span<const char* const> Host::places() {
  static constexpr std::array<const char*, 3> kPlaces{"/proc", "/sys/class/thermal",
                                                      "/sys/devices/virtual/thermal"};
  return kPlaces;
}

std::string_view Host::read(std::string_view path, std::span<char> into) const {
  const auto full = format_text<255>("%s%.*s", root_.c_str(), static_cast<int>(path.size()), path.data());
  const Descriptor file{open(full.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return {};
  const long size = file.read_all(into);
  return size < 0 ? std::string_view{} : std::string_view{into.data(), static_cast<std::size_t>(size)};
}

std::optional<double> Host::do_load() {
  std::array<char, kShortBytes> buffer{};
  std::string_view text = read("/proc/loadavg", buffer);
  return parse<double>(next_word(text));
}

std::optional<Host::Memory> Host::do_memory() {
  std::array<char, kMemoryBytes> buffer;  // not cleared: what was read is all that is looked at
  const std::string_view text = read("/proc/meminfo", buffer);
  const auto total = kilobytes_of(text, "MemTotal:");
  const auto available = kilobytes_of(text, "MemAvailable:");
  if (!total || !available) return std::nullopt;
  return Memory{*total, *available};
}

std::optional<Host::Traffic> Host::do_traffic() {
  std::array<char, kTrafficBytes> buffer;
  std::string_view text = read("/proc/net/dev", buffer);
  if (text.empty()) return std::nullopt;
  Traffic sum;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    add_interface(text.substr(0, end), sum);
    text.remove_prefix(end + 1);
  }
  return sum;
}

std::optional<double> Host::do_uptime_seconds() {
  std::array<char, kShortBytes> buffer{};
  std::string_view text = read("/proc/uptime", buffer);
  return parse<double>(next_word(text));
}

std::optional<double> Host::do_temperature(std::string_view zone) {
  for (int i = 0; i < kZonesMax; ++i) {
    std::array<char, kShortBytes> buffer{};
    std::string_view type = read(format_text<63>("/sys/class/thermal/thermal_zone%d/type", i), buffer);
    if (type.empty()) return std::nullopt;  // zones are numbered without gaps
    if (zone != "any" && next_word(type) != zone) continue;
    std::string_view text = read(format_text<63>("/sys/class/thermal/thermal_zone%d/temp", i), buffer);
    if (const auto millidegrees = parse<long>(next_word(text)))
      return static_cast<double>(*millidegrees) / 1000.0;
  }
  return std::nullopt;
}

}  // namespace signalbox::hal::kernel
