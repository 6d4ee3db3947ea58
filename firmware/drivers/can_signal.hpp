#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/can.hpp"

namespace signalbox::drivers {

/// A signal in frames on a CAN bus, told where it is as a DBC file tells it (Vector, "DBC File Format
/// Documentation", the section of signal definitions): bit 0 is the lowest bit of the first byte, bit 8 that
/// of the second. A frame that did not come is no fault: the channel is stale after a while.
class CanSignal final : public device::Sensor {
 public:
  explicit CanSignal(const device::PartSetup& setup);
  ~CanSignal() override;
  Result<void> open();

  /// Where in a frame the signal is.
  struct Place {
    std::uint8_t start_bit = 0;  ///< Intel: of its lowest bit; Motorola: of its highest
    std::uint8_t bits = 1;       ///< 1 to 64
    bool is_motorola = false;    ///< its bytes come highest first; Intel: lowest first
    bool is_signed = false;      ///< two's complement

    /// How many bits lie before it and in it, counted in the order in which its bytes are put together; more
    /// than 64: it does not fit.
    constexpr std::size_t end() const {
      const std::size_t first = is_motorola ? start_bit / 8U * 8U + 7U - start_bit % 8U : start_bit;
      return first + bits;
    }
    /// How many bytes a frame has that has all of it.
    constexpr std::size_t bytes() const { return (end() + 7) / 8; }
  };
  /// The number; nothing where the frame is too short.
  static std::optional<double> number_in(std::span<const std::uint8_t> frame, const Place& place);
  /// An identifier: `291`, or `0x123`. Of 29 bits it is above 0x7FF, or written with eight digits behind 0x,
  /// or 2147483648 more, as DBC files have it. Nothing where it is none.
  static std::optional<hal::CanId> id_in(std::string_view text);
  /// Whether the signal lies within a frame.
  static std::optional<device::SettingFault> find_fault(const device::Settings& settings);

 private:
  static Place place_in(const device::Settings& settings);
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return reading_.completion != hal::Completion::pending; }
  void take(Instant now, device::ReadingSink& sink);
  void fault(device::ReadingSink& sink, std::string_view why) const;
  void note_size(bool is_enough);

  hal::Can* can_;
  device::Text interface_;
  hal::CanId id_;
  Place place_;
  device::Cadence cadence_;
  int reader_ = hal::Can::kNoReader;
  bool is_short_ = false;  ///< the last frame was, which is logged
  hal::CanReading reading_{};
};

constexpr bool is_byte_order(std::string_view text) { return text == "intel" || text == "motorola"; }
bool is_can_id(std::string_view text);

inline constexpr std::array kCanSignalSettings{
    device::SettingSpec{.name = "interface",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "a CAN interface, such as can0 (at most 15 bytes)",
                        .required = true,
                        .has_form = &hal::is_can_interface},
    device::SettingSpec{
        .name = "id",
        .kind = device::SettingSpec::Kind::text,
        .help = "a frame's identifier: \"0x123\" or \"291\"; of 29 bits \"0x00000123\" or \"0x18FEF100\"",
        .required = true,
        .has_form = &is_can_id},
    device::SettingSpec{.name = "startBit",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "as DBC files count: intel: of the lowest bit; motorola: of the highest",
                        .max = 63.0,
                        .required = true},
    device::SettingSpec{.name = "bits",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "how many bits the signal has",
                        .min = 1.0,
                        .max = 64.0,
                        .required = true},
    device::SettingSpec{
        .name = "byteOrder",
        .kind = device::SettingSpec::Kind::text,
        .help = "\"intel\" (lowest byte first; left out: this) or \"motorola\" (highest first)",
        .has_form = &is_byte_order},
    device::SettingSpec{.name = "signed",
                        .kind = device::SettingSpec::Kind::boolean,
                        .help = "whether it can be negative (two's complement)"},
    device::period_setting(100),
};
inline constexpr std::array kCanSignalPorts{
    device::PortSpec{
        .name = "value", .min = -9'223'372'036'854'775'808.0, .max = 18'446'744'073'709'551'615.0},
    device::PortSpec{.name = "state", .kind = device::ValueKind::boolean},
};
inline constexpr device::PartKind kCanSignal{.name = "canSignal",
                                             .help = "a signal in frames on a CAN bus",
                                             .settings = kCanSignalSettings,
                                             .ports = kCanSignalPorts,
                                             .find_fault = &CanSignal::find_fault,
                                             .construct = &device::construct_part<CanSignal>};

}  // namespace signalbox::drivers
