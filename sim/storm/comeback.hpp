#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/storm/chronicle.hpp"

namespace signalbox::sim::storm {

/// One subscription's way back, as it is told: held against what the device really took. What it says is
/// what is wrong; empty: nothing.
class Comeback {
 public:
  /// The client knew everything up to `after`, and is to know it up to `until`. `foreign`: it knew another
  /// life.
  Comeback(const Chronicle& chronicle, const device::ChannelSet& channels, std::uint64_t after,
           std::uint64_t until, bool foreign)
      : chronicle_{chronicle}, channels_{channels}, told_{after}, until_{until}, foreign_{foreign} {}

  /// A `missed` came, rendered when the device's clock had been at one of `started_ms` at its zero.
  std::string missed(JsonView payload, std::span<const std::int64_t> started_ms);
  /// The snapshot came, and said that.
  std::string ended(JsonView recovered) const;

 private:
  struct Gap {
    device::ChannelIndex channel = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };

  std::string take_gap(JsonView gap);
  bool is_lost(device::ChannelIndex channel, std::uint64_t offset) const;

  const Chronicle& chronicle_;
  device::ChannelSet channels_;
  std::uint64_t told_;  ///< up to here
  std::uint64_t until_;
  bool foreign_;
  std::vector<Gap> gaps_;
};

}  // namespace signalbox::sim::storm
