#include "drivers/ads1115.hpp"

#include <algorithm>
#include <cstdint>

#include "drivers/input_pairs.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kRangeVolts = 2;
constexpr std::size_t kSamplesPerSecond = 3;
constexpr std::size_t kAds1115Pairs = 4;
constexpr std::size_t kAds1115Period = 5;

// Registers ("Address Pointer Register").
constexpr std::uint8_t kConversionRegister = 0x00;
constexpr std::uint8_t kConfigRegister = 0x01;

// "Config Register".
constexpr std::uint16_t kOs = 0x8000;  // written: starts a conversion; read: none is under way
constexpr unsigned kMuxShift = 12;
constexpr unsigned kPgaShift = 9;
constexpr unsigned kModeSingleShot = 1U << 8U;
constexpr unsigned kDrShift = 5;
constexpr unsigned kCompQueDisabled = 3;

/// With MUX.
constexpr std::array kMuxOfPairs{InputPair{"0-1", 0, 0}, InputPair{"0-3", 0, 1}, InputPair{"1-3", 1, 2},
                                 InputPair{"2-3", 2, 3}};
constexpr unsigned kMuxAgainstGround = 4;  // and the input's number

constexpr unsigned kPgaMax = 5;  // 0: 6.144 V, down to 5: 0.256 V

constexpr std::uint16_t kHighest = 0x7FFF;
constexpr std::uint16_t kLowest = 0x8000;

constexpr int kAds1115AsksMax = 5;  // for a conversion that is late

/// It takes some 25 μs to wake up ("Single-Shot Mode"), and may be a tenth slower than its rate ("Electrical
/// Characteristics").
Duration conversion_time(int rate) { return Duration{50 + 1'100'000 / rate}; }

}  // namespace

Ads1115::Ads1115(const device::PartSetup& setup)
    : I2cChip{setup, kAds1115Ports.size(), setup.settings.period(kAds1115Period)},
      is_used_{setup.is_used},
      pairs_{setup.settings.text(kAds1115Pairs)},
      range_volts_{setup.settings.number(kRangeVolts)},
      rate_{static_cast<int>(setup.settings.number(kSamplesPerSecond))} {}

bool Ads1115::are_pairs(std::string_view text) { return drivers::are_pairs(text, kMuxOfPairs); }

std::uint16_t Ads1115::config(std::size_t input, std::string_view pairs, double range_volts, int rate) {
  const InputPair* pair = pair_of(input, pairs, kMuxOfPairs);
  const unsigned mux = pair != nullptr ? pair->code : kMuxAgainstGround + static_cast<unsigned>(input);
  const auto range = static_cast<unsigned>(
      std::lower_bound(kAds1115Ranges.begin(), kAds1115Ranges.end(), range_volts) - kAds1115Ranges.begin());
  const auto dr = static_cast<unsigned>(std::lower_bound(kAds1115Rates.begin(), kAds1115Rates.end(), rate) -
                                        kAds1115Rates.begin());
  return static_cast<std::uint16_t>(kOs | mux << kMuxShift | (kPgaMax - range) << kPgaShift |
                                    kModeSingleShot | dr << kDrShift | kCompQueDisabled);
}

double Ads1115::volts(std::uint16_t conversion, double range_volts) {
  return static_cast<std::int16_t>(conversion) * (range_volts / 32768.0);
}

void Ads1115::do_begin(bool /*afresh*/) { start(0); }

void Ads1115::start(std::size_t input) {
  input_ = input;
  while (input_ < kInputs && !is_used_[input_]) ++input_;
  if (input_ == kInputs) return;
  config_ = config(input_, pairs_, range_volts_, rate_);
  stage_ = Stage::config;
  write_word(kConfigRegister, config_);
}

void Ads1115::do_go_on(device::ReadingSink& sink) {
  switch (stage_) {
    case Stage::config:
      stage_ = Stage::status;
      asked_ = 1;
      return read(kConfigRegister, 2, conversion_time(rate_));
    case Stage::status: return take_status();
    case Stage::conversion: return take_conversion(sink);
  }
}

void Ads1115::take_status() {
  const std::uint16_t status = answer_word();
  if ((status | kOs) != config_)  // after power-on it is 8583h
    return fail(format_text<95>(
        "its configuration reads as 0x%04x after 0x%04x was written: see to its supply", status, config_));
  if ((status & kOs) == 0) {
    if (asked_++ == kAds1115AsksMax) return fail("its conversion does not end");
    return read(kConfigRegister, 2, conversion_time(rate_));
  }
  stage_ = Stage::conversion;
  read(kConversionRegister, 2);
}

void Ads1115::take_conversion(device::ReadingSink& sink) {
  const std::uint16_t conversion = answer_word();
  const auto port = static_cast<std::uint8_t>(input_);
  // There it clips ("Data Format"): it may be any voltage beyond.
  if (conversion == kHighest || conversion == kLowest)
    sink.fault(port, "more than its range");
  else
    sink.reading(port, volts(conversion, range_volts_));
  start(input_ + 1);
}

}  // namespace signalbox::drivers
