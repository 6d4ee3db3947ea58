#include "hal/linux/gpio_line.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <linux/gpio.h>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hal/linux/clock.hpp"
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

std::uint64_t flags_of(const LineSetup& setup) {
  if (setup.is_output) return GPIO_V2_LINE_FLAG_OUTPUT;
  constexpr std::array<std::uint64_t, 4> biases{
      0, GPIO_V2_LINE_FLAG_BIAS_DISABLED, GPIO_V2_LINE_FLAG_BIAS_PULL_UP, GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN};
  constexpr std::array<std::uint64_t, 4> edges{
      0, GPIO_V2_LINE_FLAG_EDGE_RISING, GPIO_V2_LINE_FLAG_EDGE_FALLING,
      GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING};
  return GPIO_V2_LINE_FLAG_INPUT | biases[static_cast<std::size_t>(setup.input.bias)] |
         edges[static_cast<std::size_t>(setup.input.edges)];
}

/// Nothing, with errno, where it is not had.
Descriptor request(const Place& place, const LineSetup& setup) {
  gpio_v2_line_request request{};
  request.offsets[0] = place.offset;
  request.num_lines = 1;
  std::memcpy(request.consumer, kConsumer, sizeof kConsumer);
  request.config.flags = flags_of(setup);
  gpio_v2_line_attribute& attribute = request.config.attrs[0].attr;
  if (setup.is_output) {
    attribute.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    attribute.values = setup.level ? 1 : 0;
  } else if (setup.input.debounce > Duration{0}) {
    attribute.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    attribute.debounce_period_us = static_cast<std::uint32_t>(setup.input.debounce.count());
  }
  // The kernel refuses anything in those that are not used.
  const bool has_attribute = attribute.id != 0;
  request.config.num_attrs = has_attribute ? 1 : 0;
  request.config.attrs[0].mask = has_attribute ? 1 : 0;
  if (ioctl(place.chip.number(), GPIO_V2_GET_LINE_IOCTL, &request) != 0) return {};
  return Descriptor{request.fd};
}

/// What drivers answer to what they cannot do differs from chip to chip. So the line is asked for with ever
/// less until it is had, and what was left out last is what cannot be. With nothing in `cannot`, it was that
/// in no case.
Descriptor request_less(const Place& place, LineSetup& setup, const char*& cannot) {
  InputSetup& input = setup.input;
  if (input.edges != Edges::none) {
    input.edges = Edges::none;
    cannot = "count its edges";
    if (Descriptor line = request(place, setup)) return line;
  }
  if (input.debounce > Duration{0}) {
    input.debounce = {};
    cannot = "debounce it";
    if (Descriptor line = request(place, setup)) return line;
  }
  if (input.bias != Bias::as_is) {
    input.bias = Bias::as_is;
    cannot = "pull it so";
    if (Descriptor line = request(place, setup)) return line;
  }
  cannot = nullptr;
  return {};
}

}  // namespace

GpioLine::GpioLine(Descriptor line, const LineSetup& setup)
    : line_{std::move(line)}, is_output_{setup.is_output}, counted_{setup.input.edges} {
  if (counted_ != Edges::none) edges_.since = Clock{}.now();
}

Result<GpioLine> GpioLine::open(std::string_view name, const LineSetup& setup) {
  Result<Place> place = find(name);
  if (!place) return place.error();
  if (Descriptor line = request(*place, setup)) return GpioLine{std::move(line), setup};
  const int error_number = errno;
  if (error_number == EBUSY) return Error{Reason::busy, why_not(*place, error_number)};
  LineSetup less = setup;
  const char* cannot = nullptr;
  Descriptor line = request_less(*place, less, cannot);
  if (cannot == nullptr) return Error{Reason::failed, why_not(*place, error_number)};
  const auto why = format_text<95>("the chip cannot %s: %s", cannot, error_words(error_number));
  LineSetup without_edges = setup;
  without_edges.input.edges = Edges::none;
  if (setup.input.edges != Edges::both || less.input != without_edges.input)
    return Error{Reason::failed, why};
  GpioLine opened{std::move(line), less};
  opened.lacks_ = why;
  return opened;
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

bool GpioLine::read(bool& level, EdgeTally& edges) {
  gpio_v2_line_values values{.bits = 0, .mask = 1};
  if (ioctl(line_.number(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0) return false;
  level = (values.bits & 1U) != 0;
  if (counted_ != Edges::none && !count_edges(level)) return false;
  edges = edges_;
  return true;
}

/// All edges are counted by their numbers. The level becomes that after the last one, which may be later than
/// when it was read: so it fits the count.
bool GpioLine::count_edges(bool& level) {
  pollfd waiting{.fd = line_.number(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, 0) <= 0) return true;
  std::array<gpio_v2_line_event, kEdgesKept> events{};
  const ssize_t size = ::read(line_.number(), events.data(), sizeof events);
  if (size < 0) return false;
  const auto fresh = std::span{events}.first(static_cast<std::size_t>(size) / sizeof events[0]);
  for (const gpio_v2_line_event& event : fresh) {
    const Instant at{std::chrono::duration_cast<Duration>(std::chrono::nanoseconds{event.timestamp_ns})};
    const std::uint32_t more = event.line_seqno - last_number_;
    const bool follows = more == 1 && edges_.count > 0;
    edges_.count += more;
    // Not known where the one before was dropped.
    edges_.last_apart = follows ? at - edges_.last_at : Duration{0};
    edges_.last_at = at;
    last_number_ = event.line_seqno;
    if (counted_ == Edges::both) level = event.id == GPIO_V2_LINE_EVENT_RISING_EDGE;
  }
  return true;
}

}  // namespace signalbox::hal::kernel
