#include "drivers/can_signal.hpp"

#include <charconv>
#include <utility>

#include "base/log.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kInterface = 0;
constexpr std::size_t kCanSignalId = 1;
constexpr std::size_t kStartBit = 2;
constexpr std::size_t kCanSignalBits = 3;
constexpr std::size_t kByteOrder = 4;
constexpr std::size_t kSigned = 5;
constexpr std::size_t kCanSignalPeriod = 6;

// The places of the ports.
constexpr std::uint8_t kValue = 0;
constexpr std::uint8_t kState = 1;

constexpr std::size_t kFrameBits = 8 * hal::CanReading::kBytesMax;
constexpr Duration kCanSignalPatience = from_ms(1000);
/// An interface that comes back is asked for at least so often.
constexpr Duration kCanSignalAway = from_ms(5000);

std::string_view fault_of(hal::Completion completion) {
  switch (completion) {
    case hal::Completion::absent: return "interface not there, or down";
    case hal::Completion::timed_out: return "not read in time";
    default: return "bus-off, or not readable";
  }
}

}  // namespace

bool is_can_id(std::string_view text) { return CanSignal::id_in(text).has_value(); }

std::optional<hal::CanId> CanSignal::id_in(std::string_view text) {
  constexpr std::uint32_t kExtendedInDbc = 0x80000000;
  constexpr std::size_t kDigitsOfExtended = 8;
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (is_hex && text.size() > kDigitsOfExtended) return std::nullopt;
  const bool is_as_in_dbc = !is_hex && number >= kExtendedInDbc;
  if (is_as_in_dbc) number -= kExtendedInDbc;
  if (number > hal::CanId::kExtendedMax) return std::nullopt;
  return hal::CanId{.number = number,
                    .is_extended = is_as_in_dbc || number > hal::CanId::kBaseMax ||
                                   (is_hex && text.size() == kDigitsOfExtended)};
}

CanSignal::Place CanSignal::place_in(const device::Settings& settings) {
  return {.start_bit = static_cast<std::uint8_t>(settings.number(kStartBit)),
          .bits = static_cast<std::uint8_t>(settings.number(kCanSignalBits)),
          .is_motorola = settings.text(kByteOrder) == "motorola",
          .is_signed = settings.boolean(kSigned)};
}

std::optional<device::SettingFault> CanSignal::find_fault(const device::Settings& settings) {
  const Place place = place_in(settings);
  const std::size_t end = place.end();
  if (end <= kFrameBits) return std::nullopt;
  return device::SettingFault{
      .setting = "bits",
      .expected = format_text<127>("at most %zu from bit %u on (%s): a frame has %zu",
                                   kFrameBits - (end - place.bits), static_cast<unsigned>(place.start_bit),
                                   place.is_motorola ? "motorola" : "intel", kFrameBits)};
}

std::optional<double> CanSignal::number_in(std::span<const std::uint8_t> frame, const Place& place) {
  if (frame.size() < place.bytes()) return std::nullopt;
  std::uint64_t raw = 0;
  for (std::size_t i = 0; i < place.bytes(); ++i) {
    const std::uint64_t byte = frame[i];
    raw = place.is_motorola ? raw << 8U | byte : raw | byte << 8 * i;
  }
  const std::size_t before = place.end() - place.bits;
  raw >>= place.is_motorola ? 8 * place.bytes() - place.end() : before;
  // To the top, so that what lies above it falls out, and down again with its sign or without.
  const std::size_t above = kFrameBits - place.bits;
  raw <<= above;
  if (place.is_signed) return static_cast<double>(static_cast<std::int64_t>(raw) >> above);
  return static_cast<double>(raw >> above);
}

CanSignal::CanSignal(const device::PartSetup& setup)
    : can_{setup.ports.can},
      interface_{setup.settings.text(kInterface)},
      id_{id_in(setup.settings.text(kCanSignalId)).value_or(hal::CanId{})},
      place_{place_in(setup.settings)},
      cadence_{setup.settings.period(kCanSignalPeriod), kCanSignalAway} {}

CanSignal::~CanSignal() {
  if (reader_ != hal::Can::kNoReader) can_->release(reader_);
}

Result<void> CanSignal::open() {
  if (can_ == nullptr) return Error{Reason::not_found, "this board has no CAN interfaces"};
  reader_ = can_->claim({interface_, id_});
  if (reader_ != hal::Can::kNoReader) return {};
  return Error{Reason::not_found,
               format_text<95>("\"%s\" cannot be had: there is none, or too many read", interface_.c_str())};
}

Instant CanSignal::do_step(Instant now, device::ReadingSink& sink) {
  if (hal::is_final(reading_.completion)) take(now, sink);
  if (reading_.completion == hal::Completion::pending) return kNever;
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  reading_.deadline = now + kCanSignalPatience;
  can_->read(reader_, reading_);
  if (reading_.completion == hal::Completion::pending) return kNever;
  take(now, sink);
  return cadence_.next();
}

void CanSignal::take(Instant now, device::ReadingSink& sink) {
  const hal::Completion ended = std::exchange(reading_.completion, hal::Completion::idle);
  if (ended != hal::Completion::done) {
    cadence_.failed(now);
    return fault(sink, fault_of(ended));
  }
  cadence_.succeeded();
  if (!reading_.has_frame) return;
  const auto number = number_in(std::span{reading_.bytes}.first(reading_.size), place_);
  note_size(number.has_value());
  if (!number) return fault(sink, "frame too short");
  sink.reading(kValue, *number, reading_.received_at);
  sink.reading(kState, *number != 0.0, reading_.received_at);
}

void CanSignal::fault(device::ReadingSink& sink, std::string_view why) const {
  sink.fault(kValue, why);
  sink.fault(kState, why);
}

void CanSignal::note_size(bool is_enough) {
  if (is_short_ == !is_enough) return;
  is_short_ = !is_enough;
  const int digits = id_.is_extended ? 8 : 3;
  log(is_short_ ? Severity::warning : Severity::info,
      "CAN interface %s, frame 0x%0*X: %s; it has %u bytes, and the signal needs %zu", interface_.c_str(),
      digits, id_.number, is_short_ ? "it is too short" : "it is long enough",
      static_cast<unsigned>(reading_.size), place_.bytes());
}

}  // namespace signalbox::drivers
