#include "hal/linux/gpio_line.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <linux/gpio.h>
#include <optional>
#include <sys/ioctl.h>

#include "base/fixed_text.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr int kChipsMax = 32;
constexpr char kConsumer[] = "signalbox";

/// A line's place, and the chip open.
struct Place {
  Descriptor chip;
  std::uint32_t offset = 0;
};

Descriptor open_chip(const char* name) {
  return Descriptor{::open(format_text<63>("/dev/%s", name).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};
}

/// `gpiochip0:17` taken apart; nothing where it is no such name.
std::optional<std::uint32_t> number_behind(std::string_view name, FixedText<31>& chip) {
  const std::size_t colon = name.find(':');
  if (!name.starts_with("gpiochip") || colon == std::string_view::npos) return std::nullopt;
  std::uint32_t number = 0;
  const std::string_view digits = name.substr(colon + 1);
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  chip = name.substr(0, colon);
  return number;
}

std::optional<std::uint32_t> offset_in(const Descriptor& chip, std::string_view name) {
  gpiochip_info about{};
  if (ioctl(chip.number(), GPIO_GET_CHIPINFO_IOCTL, &about) != 0) return std::nullopt;
  for (std::uint32_t offset = 0; offset < about.lines; ++offset) {
    gpio_v2_line_info line{};
    line.offset = offset;
    if (ioctl(chip.number(), GPIO_V2_GET_LINEINFO_IOCTL, &line) == 0 && name == line.name) return offset;
  }
  return std::nullopt;
}

Result<Place> find(std::string_view name) {
  FixedText<31> chip_name;
  if (const auto number = number_behind(name, chip_name)) {
    Place place{open_chip(chip_name.c_str()), *number};
    if (place.chip) return place;
    return Error{Reason::not_found, format_text<95>("/dev/%s: %s", chip_name.c_str(), error_words(errno))};
  }
  int refused = 0;
  for (int i = 0; i < kChipsMax; ++i) {
    Descriptor chip = open_chip(format_text<31>("gpiochip%d", i).c_str());
    if (!chip && errno != ENOENT) refused = errno;
    if (!chip) continue;
    if (const auto offset = offset_in(chip, name)) return Place{std::move(chip), *offset};
  }
  return Error{Reason::not_found,
               refused == 0 ? FixedText<95>{"no chip has a line of that name"}
                            : format_text<95>("no line of that name on the chips that may be opened: %s",
                                              error_words(refused))};
}

/// Whose the line is, where that is why it cannot be had.
FixedText<95> why_not(const Place& place, int error_number) {
  gpio_v2_line_info line{};
  line.offset = place.offset;
  if (error_number == EBUSY && ioctl(place.chip.number(), GPIO_V2_GET_LINEINFO_IOCTL, &line) == 0)
    return format_text<95>("in use by \"%s\"", line.consumer);
  if (error_number == EINVAL) return "the chip has no such line, or cannot use it so";
  return error_words(error_number);
}

}  // namespace

Result<GpioLine> GpioLine::open(std::string_view name, bool is_output, bool level) {
  Result<Place> place = find(name);
  if (!place) return place.error();
  gpio_v2_line_request request{};
  request.offsets[0] = place->offset;
  request.num_lines = 1;
  std::memcpy(request.consumer, kConsumer, sizeof kConsumer);
  request.config.flags = is_output ? GPIO_V2_LINE_FLAG_OUTPUT : GPIO_V2_LINE_FLAG_INPUT;
  if (is_output) {
    request.config.num_attrs = 1;
    request.config.attrs[0].mask = 1;
    request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    request.config.attrs[0].attr.values = level ? 1 : 0;
  }
  if (ioctl(place->chip.number(), GPIO_V2_GET_LINE_IOCTL, &request) != 0)
    return Error{errno == EBUSY ? Reason::busy : Reason::failed, why_not(*place, errno)};
  return GpioLine{Descriptor{request.fd}, is_output};
}

Result<void> GpioLine::look(std::string_view name) {
  const Result<Place> place = find(name);
  if (!place) return place.error();
  gpio_v2_line_info line{};
  line.offset = place->offset;
  if (ioctl(place->chip.number(), GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0)
    return Error{Reason::not_found, "the chip has no such line"};
  if ((line.flags & GPIO_V2_LINE_FLAG_USED) == 0) return {};
  return Error{Reason::busy, why_not(*place, EBUSY)};
}

bool GpioLine::write(bool level) const {
  gpio_v2_line_values values{.bits = level ? 1U : 0U, .mask = 1};
  return ioctl(line_.number(), GPIO_V2_LINE_SET_VALUES_IOCTL, &values) == 0;
}

bool GpioLine::read(bool& level) const {
  gpio_v2_line_values values{.bits = 0, .mask = 1};
  if (ioctl(line_.number(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0) return false;
  level = (values.bits & 1U) != 0;
  return true;
}

}  // namespace signalbox::hal::kernel
