#include "drivers/serial_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kPort = 0;
constexpr std::size_t kBaud = 1;
constexpr std::size_t kPrefix = 2;
constexpr std::size_t kSeparator = 3;
constexpr std::size_t kField = 4;
constexpr std::size_t kSerialTextPeriod = 5;

constexpr Duration kSerialTextPatience = from_ms(1000);
/// A port that comes back is asked for at least so often.
constexpr Duration kSerialTextAway = from_ms(5000);
constexpr std::string_view kBlanks = " \t";

Error wrong(const char* why) { return {Reason::failed, why}; }

/// NMEA 0183: `$…*hh`, hh being all characters between the two, exclusive-ored. Takes those three away; false
/// where they are wrong.
bool take_checksum(std::string_view& line) {
  if (!line.starts_with('$') && !line.starts_with('!')) return true;
  constexpr std::size_t kBytes = 3;
  if (line.size() <= kBytes || line[line.size() - kBytes] != '*') return true;
  const std::string_view digits = line.substr(line.size() - 2);
  line.remove_suffix(kBytes);
  unsigned told = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), told, 16);
  unsigned sum = 0;
  for (const char its : line.substr(1)) sum ^= static_cast<unsigned char>(its);
  return error == std::errc{} && end == digits.data() + digits.size() && told == sum;
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

}  // namespace

SerialText::SerialText(const device::PartSetup& setup)
    : serial_{setup.ports.serial},
      port_{setup.settings.text(kPort)},
      baud_{static_cast<std::uint32_t>(setup.settings.number(kBaud))},
      prefix_{setup.settings.text(kPrefix)},
      separator_{setup.settings.text(kSeparator)},
      field_{static_cast<std::size_t>(setup.settings.number(kField))},
      cadence_{setup.settings.period(kSerialTextPeriod), kSerialTextAway} {
  if (separator_.empty()) separator_ = ",";
}

SerialText::~SerialText() {
  if (reader_ != hal::Serial::kNoReader) serial_->release(reader_);
}

Result<void> SerialText::open() {
  if (serial_ == nullptr) return Error{Reason::not_found, "this board has no serial ports"};
  reader_ = serial_->claim({port_, baud_, prefix_});
  if (reader_ != hal::Serial::kNoReader) return {};
  return Error{Reason::not_found, format_text<95>("\"%s\" cannot be had at %u baud: another part has it at "
                                                  "another rate, or too many read",
                                                  port_.c_str(), baud_)};
}

Instant SerialText::do_step(Instant now, device::ReadingSink& sink) {
  if (hal::is_final(reading_.completion)) take(now, sink);
  if (reading_.completion == hal::Completion::pending) return kNever;
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  reading_.deadline = now + kSerialTextPatience;
  serial_->read(reader_, reading_);
  if (reading_.completion == hal::Completion::pending) return kNever;
  take(now, sink);
  return cadence_.next();
}

void SerialText::take(Instant now, device::ReadingSink& sink) {
  const bool is_heard = reading_.completion == hal::Completion::done;
  if (is_heard)
    cadence_.succeeded();
  else
    cadence_.failed(now);
  if (is_heard && !reading_.text.empty()) {
    const Result<double> number = number_in(reading_.text, {prefix_.view(), separator_.view(), field_});
    if (number)
      sink.reading(0, *number);
    else
      sink.fault(0, number.error().detail.view());
  } else if (!is_heard || reading_.dropped > 0) {
    sink.fault(0, fault());
  }
  reading_.completion = hal::Completion::idle;
}

std::string_view SerialText::fault() const {
  switch (reading_.completion) {
    case hal::Completion::done: return "unreadable text";
    case hal::Completion::absent: return "not there";
    case hal::Completion::timed_out: return "not read in time";
    default: return "not readable";
  }
}

Result<double> SerialText::number_in(std::string_view line, const Pattern& pattern) {
  if (!take_checksum(line)) return wrong("wrong checksum");
  if (!line.starts_with(pattern.prefix)) return wrong("another line");
  line.remove_prefix(pattern.prefix.size());
  for (std::size_t i = 0; i < pattern.field; ++i) {
    const std::size_t end = line.find(pattern.separator);
    if (end == std::string_view::npos) return wrong("no such field");
    line.remove_prefix(end + pattern.separator.size());
  }
  std::string_view text = without_blanks(line.substr(0, line.find(pattern.separator)));
  if (text.starts_with('+')) text = without_blanks(text.substr(1));
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number)) return wrong("no number");
  // A unit may follow, after a blank: what follows at once might have been a part of the number.
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && kBlanks.find(text.front()) == std::string_view::npos) return wrong("no number");
  return number;
}

}  // namespace signalbox::drivers
