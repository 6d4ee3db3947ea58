#pragma once

#include <array>

#include "drivers/spi_chip.hpp"

namespace signalbox::drivers {

/// Microchip MCP3008, and MCP3004, which has the first four of its inputs (data sheet DS21295): a converter
/// of 10 bits, of voltages from 0 to its reference. It converts when it is asked and sleeps in between, so
/// each transfer is a conversion of one input. The channels' calibration makes of the volts what the sensors
/// behind it mean.
class Mcp3008 final : public SpiChip {
 public:
  static constexpr std::size_t kInputs = 8;
  /// What a conversion takes to tell its result both ways.
  static constexpr std::size_t kBytes = 5;

  explicit Mcp3008(const device::PartSetup& setup);

  /// Whether it names inputs that are measured against their neighbours: `0-1` or `1-0`, `2-3` or `3-2` and
  /// so on, joined by commas, each first input once, rising.
  static bool are_pairs(std::string_view text);
  /// The byte behind the start bit that chooses this input (Table 5-2).
  static std::uint8_t configuration(std::size_t input, std::string_view pairs);
  /// The result of a conversion; -1: what came is none.
  static int code(std::span<const std::uint8_t> answer);
  /// Volts from that code (equation 4-2).
  static double volts(int code, double reference_volts) { return code * reference_volts / 1024.0; }

 private:
  void do_begin(bool afresh) override;
  void do_go_on(device::ReadingSink& sink) override;
  /// The next input that has a channel, from `input` on; none: the measurement is over.
  void start(std::size_t input);

  device::UsedPorts is_used_;
  device::Text pairs_;
  double reference_volts_;
  std::size_t input_ = 0;
};

inline constexpr std::array kMcp3008Settings{
    spi_bus_setting(),
    chip_select_setting(),
    clock_setting(10'000.0, 3'600'000.0, 1'000'000.0, "at most 3,600,000 at 5 V, 1,350,000 at 2.7 V"),
    device::SettingSpec{
        .name = "referenceVolts", .help = "at its pin VREF", .min = 0.25, .max = 5.5, .fallback = 3.3},
    device::SettingSpec{
        .name = "pairs",
        .kind = device::SettingSpec::Kind::text,
        .help = "inputs measured against their neighbours: some of 0-1 or 1-0, 2-3 or 3-2, ... as in 0-1,6-7",
        .has_form = &Mcp3008::are_pairs},
    device::period_setting(1000),
};
inline constexpr std::array kMcp3008Ports{
    device::PortSpec{.name = "in0", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in1", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in2", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in3", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in4", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in5", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in6", .unit = "V", .max = 5.5},
    device::PortSpec{.name = "in7", .unit = "V", .max = 5.5},
};
inline constexpr device::PartKind kMcp3008{.name = "mcp3008",
                                           .help = "SPI converter MCP3008 or MCP3004: eight or four voltages",
                                           .settings = kMcp3008Settings,
                                           .ports = kMcp3008Ports,
                                           .construct = &device::construct_part<Mcp3008>};

}  // namespace signalbox::drivers
