#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "device/channel.hpp"
#include "device/part_kind.hpp"
#include "device/sensor.hpp"

namespace signalbox::device {

/// A part as the device file declares it.
struct DeclaredPart {
  const PartKind* kind = nullptr;  ///< nullptr: the place is free
  FixedText<31> name;
  Settings settings;
  std::array<ChannelIndex, kPortsMax> channels{kNoChannel, kNoChannel, kNoChannel, kNoChannel,
                                               kNoChannel, kNoChannel, kNoChannel, kNoChannel};
};

/// And once started the driver itself, in place.
struct Part : DeclaredPart {
  Sensor* sensor = nullptr;      ///< lives in `place`; nullptr until started
  Instant due = Instant::min();  ///< it need not be stepped before
  bool leaving = false;          ///< it is to go: it is not stepped any more
  alignas(std::max_align_t) std::array<std::byte, kPartBytesMax> place{};
};

/// Everything the device file declares, in memory lent by the owner.
class Roster {
 public:
  Roster(std::span<Channel> channels, std::span<Part> parts) : channel_slots_{channels}, part_slots_{parts} {}
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;
  ~Roster() { stop(); }

  FixedText<31> id;                     ///< the device's id on the wire
  FixedText<47> title;                  ///< for people
  std::optional<Condition> stop_input;  ///< stops the device as the message does

  /// Forgets everything that was declared; no part is started.
  void clear();
  /// The next free place, or nullptr where the budget has no more.
  Channel* add_channel();
  Part* add_part();

  std::span<Channel> channels() { return channel_slots_.first(channels_count_); }
  std::span<const Channel> channels() const { return channel_slots_.first(channels_count_); }
  std::span<Part> parts() { return part_slots_.first(parts_count_); }
  std::span<const Part> parts() const { return part_slots_.first(parts_count_); }
  std::span<const FixedText<31>> batons() const { return std::span{batons_}.first(batons_count_); }
  /// The baton of that name, made where there is none yet; kNoBaton where there are kBatonsMax others.
  BatonIndex add_baton(std::string_view name);
  BatonIndex find_baton(std::string_view name) const;
  std::size_t channels_max() const { return channel_slots_.size(); }
  std::size_t parts_max() const { return part_slots_.size(); }

  /// All places there are, those beyond the declared ones as well.
  std::span<Channel> channel_slots() { return channel_slots_; }
  std::span<Part> part_slots() { return part_slots_; }
  std::span<FixedText<31>, kBatonsMax> baton_slots() { return batons_; }
  /// So many of the places count as declared.
  void resize(std::size_t channels, std::size_t parts, std::size_t batons);

  /// kNoChannel where there is none of that path.
  ChannelIndex find(std::string_view path) const;
  /// All channels a valid pattern covers.
  ChannelSet matching(std::string_view pattern) const;
  /// Who moves this output; nullptr for inputs and before start.
  Actuator* actuator(ChannelIndex channel);
  /// The part that a channel is of.
  Part& part_of(ChannelIndex channel) { return part_slots_[channel_slots_[channel].part]; }

  /// Makes one declared part; its output holds its initial value from then on, or with `safe` its safe one.
  /// The error names the part.
  Result<void> start(Part& part, const hal::Platform::Ports& ports, bool safe);
  /// Destroys one part's driver, if there is one.
  static void stop(Part& part);
  /// Makes every declared part; outputs hold their initial value from then on, or with `safe` their safe one.
  /// The error names the part.
  Result<void> start(const hal::Platform::Ports& ports, bool safe = false);
  /// Destroys the parts.
  void stop();

 private:
  std::span<Channel> channel_slots_;
  std::span<Part> part_slots_;
  std::size_t channels_count_ = 0;
  std::size_t parts_count_ = 0;
  std::array<FixedText<31>, kBatonsMax> batons_{};
  std::uint8_t batons_count_ = 0;
};

}  // namespace signalbox::device
