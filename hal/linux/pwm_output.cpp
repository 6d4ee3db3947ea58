#include "hal/linux/pwm_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <unistd.h>

#include "hal/linux/descriptor.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr std::string_view kChip = "pwmchip";
/// An exported output belongs to root until udev has given its files away.
constexpr int kRightsTries = 20;
constexpr int kRightsEvery_ms = 25;
constexpr double kNanoseconds = 1e9;

std::optional<std::uint32_t> whole(std::string_view digits) {
  std::uint32_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// The file's first line; nothing with errno.
std::optional<FixedText<31>> first_line(const char* path) {
  const Descriptor file{::open(path, O_RDONLY | O_CLOEXEC)};
  std::array<char, 32> buffer{};
  const ssize_t size = file ? read(file.number(), buffer.data(), buffer.size()) : -1;
  if (size < 0) return std::nullopt;
  const std::string_view text{buffer.data(), static_cast<std::size_t>(size)};
  FixedText<31> line;
  errno = EIO;
  if (!line.assign(text.substr(0, text.find('\n')))) return std::nullopt;
  return line;
}

std::optional<std::uint32_t> number_of(const char* path) {
  const auto line = first_line(path);
  const auto number = line ? whole(*line) : std::nullopt;
  if (line && !number) errno = EIO;
  return number;
}

bool put(const char* path, std::string_view text) {
  const Descriptor file{::open(path, O_WRONLY | O_CLOEXEC)};
  return file && write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Where the class's link to the chip leads: `../../devices/platform/soc/fe20c000.pwm/pwm/pwmchip0`.
FixedText<255> way_to(std::string_view root, int chip) {
  std::array<char, 255> target{};
  const ssize_t size =
      readlink(format_text<159>("%.*s/sys/class/pwm/pwmchip%d", length(root), root.data(), chip).c_str(),
               target.data(), target.size());
  return std::string_view{target.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace

PwmSteps::PwmSteps(const PwmState& from, std::uint32_t period_ns, std::uint32_t duty_ns) {
  const bool pauses = from.is_inversed && from.is_enabled;
  if (pauses) add(Step::disable);
  const bool grows = period_ns > from.period_ns;
  if (grows) add(Step::period);
  if (duty_ns != from.duty_ns) add(Step::duty);
  if (period_ns < from.period_ns) add(Step::period);
  if (from.is_inversed) add(Step::polarity);
  if (pauses || !from.is_enabled) add(Step::enable);
}

PwmOutput::Path PwmOutput::file(const char* name) const {
  return format_text<159>("%s/sys/class/pwm/pwmchip%d/%s", root_.c_str(), chip_, name);
}

PwmOutput::Path PwmOutput::output_file(const char* name) const {
  return file(format_text<31>("pwm%u/%s", number_, name).c_str());
}

Result<PwmOutput> PwmOutput::find(std::string_view root, std::string_view name) {
  const std::size_t colon = name.rfind(':');
  const auto number = colon == std::string_view::npos ? std::nullopt : whole(name.substr(colon + 1));
  const std::string_view chip = name.substr(0, colon);
  if (!number || chip.empty() || chip.find('/') != std::string_view::npos)
    return Error{Reason::not_found, "a chip and an output's number are expected, such as pwmchip0:0"};
  const auto chip_number =
      chip.starts_with(kChip) ? whole(chip.substr(kChip.size())) : std::optional<std::uint32_t>{};
  const auto part = format_text<63>("/%.*s/", length(chip), chip.data());
  for (int i = 0; i < kChipsMax; ++i) {
    if (chip_number ? *chip_number != static_cast<std::uint32_t>(i)
                    : way_to(root, i).view().find(part) == std::string_view::npos)
      continue;
    const PwmOutput found{root, i, *number};
    if (const Result<void> checked = found.check_number(); !checked) return checked.error();
    return found;
  }
  return Error{Reason::not_found, "there is no PWM chip of that name"};
}

Result<void> PwmOutput::check_number() const {
  const auto outputs = number_of(file("npwm").c_str());
  if (!outputs)
    return Error{Reason::not_found,
                 errno == ENOENT
                     ? FixedText<95>{"there is no PWM chip of that name"}
                     : format_text<95>("the chip does not tell its outputs: %s", error_words(errno))};
  if (number_ < *outputs) return {};
  return Error{Reason::not_found, format_text<95>("the chip has %u outputs, counted from 0", *outputs)};
}

bool PwmOutput::may_be_written() const {
  for (const char* name : {"period", "duty_cycle", "polarity", "enable"})
    if (!Descriptor{::open(output_file(name).c_str(), O_RDWR | O_CLOEXEC)}) return false;
  return true;
}

Result<void> PwmOutput::check_rights() const {
  if (may_be_written()) return {};
  if (errno == ENOENT && access(file("export").c_str(), W_OK) == 0) return {};
  return Error{Reason::forbidden, format_text<95>("its files: %s", error_words(errno))};
}

/// Has the kernel show it. One that is shown may be somebody's who uses it by the same files: there is no way
/// to know.
Result<void> PwmOutput::ask_for() const {
  if (may_be_written()) return {};
  if (errno == ENOENT && !put(file("export").c_str(), format_text<15>("%u\n", number_)) && errno != EBUSY)
    return Error{Reason::failed, format_text<95>("it cannot be asked for: %s", error_words(errno))};
  const int refused = errno;
  for (int i = 0; i < kRightsTries; ++i) {
    if (may_be_written()) return {};
    ::poll(nullptr, 0, kRightsEvery_ms);
  }
  if (refused == EBUSY && !number_of(output_file("period").c_str()) && errno == ENOENT)
    return Error{Reason::busy, "a driver of the kernel has it"};
  return Error{Reason::failed, format_text<95>("its files: %s", error_words(errno))};
}

Result<PwmState> PwmOutput::state() const {
  const auto period = number_of(output_file("period").c_str());
  const auto duty = number_of(output_file("duty_cycle").c_str());
  const auto enabled = number_of(output_file("enable").c_str());
  const auto polarity = first_line(output_file("polarity").c_str());
  if (!period || !duty || !enabled || !polarity)
    return Error{Reason::failed, format_text<95>("its state cannot be read: %s", error_words(errno))};
  return PwmState{.period_ns = *period,
                  .duty_ns = *duty,
                  .is_inversed = polarity->view() != "normal",
                  .is_enabled = *enabled != 0};
}

bool PwmOutput::take(PwmSteps::Step step, std::uint32_t duty_ns) const {
  using Step = PwmSteps::Step;
  switch (step) {
    case Step::disable: return put(output_file("enable").c_str(), "0\n");
    case Step::period: return put(output_file("period").c_str(), format_text<15>("%u\n", period_ns_));
    case Step::duty: return put(output_file("duty_cycle").c_str(), format_text<15>("%u\n", duty_ns));
    case Step::polarity: return put(output_file("polarity").c_str(), "normal\n");
    default: return put(output_file("enable").c_str(), "1\n");
  }
}

namespace {

std::uint32_t part_of(std::uint32_t period_ns, double duty) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(duty, 0.0, 1.0) * period_ns));
}

}  // namespace

Result<PwmOutput> PwmOutput::open(std::string_view root, std::string_view name, std::uint32_t frequency_hz,
                                  double duty) {
  Result<PwmOutput> found = find(root, name);
  if (!found) return found;
  PwmOutput& its = *found;
  if (frequency_hz == 0) return Error{Reason::failed, "it cannot run at 0 Hz"};
  its.period_ns_ = static_cast<std::uint32_t>(std::lround(kNanoseconds / frequency_hz));
  if (const Result<void> asked = its.ask_for(); !asked) return asked.error();
  const Result<PwmState> state = its.state();
  if (!state) return state.error();
  const std::uint32_t duty_ns = part_of(its.period_ns_, duty);
  const PwmSteps way{*state, its.period_ns_, duty_ns};
  for (const PwmSteps::Step step : way.steps())
    if (!its.take(step, duty_ns))
      return Error{Reason::failed,
                   format_text<95>("it does not take %u Hz (%u ns, on for %u): %s", frequency_hz,
                                   its.period_ns_, duty_ns, error_words(errno))};
  return found;
}

FixedText<127> PwmOutput::chip_words(std::string_view root, int chip) {
  const auto outputs = number_of(PwmOutput{root, chip, 0}.file("npwm").c_str());
  if (!outputs) return {};
  const FixedText<255> way = way_to(root, chip);
  std::string_view device = way.view().substr(0, way.view().rfind("/pwm/"));
  device.remove_prefix(device.rfind('/') + 1);  // of none: npos, and so nothing
  return format_text<127>("pwmchip%d  %.*s, %u outputs", chip, length(device), device.data(), *outputs);
}

bool PwmOutput::write(double duty) const { return take(PwmSteps::Step::duty, part_of(period_ns_, duty)); }

}  // namespace signalbox::hal::kernel
