#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "budget/budget.hpp"
#include "link/admission.hpp"
#include "link/connection.hpp"
#include "link/loop.hpp"

namespace signalbox::app {

/// The link's places.
struct LinkMemory {
  std::span<link::Connection> connections;
  std::span<link::Loop::Slot> descriptors;
  std::span<link::Admission::Place> networks;
};

/// Their memory, beside that of `machine::Storage`, which does not know the link.
template <Budget kBudget>
struct LinkStorage {
  /// Descriptors that are no connection: standard streams, epoll, the listening socket, files while they are
  /// read.
  static constexpr std::size_t kOtherDescriptors = 64;

  /// Made by their table when they are taken.
  alignas(link::Connection) static inline std::array<std::byte, kBudget.connections_max() *
                                                                    sizeof(link::Connection)> connections{};
  static inline std::array<link::Loop::Slot, kBudget.connections_max() + kOtherDescriptors> descriptors{};

  /// Networks without a connection that are remembered for how often they came.
  static constexpr std::size_t kPastNetworks = 256;
  static inline std::array<link::Admission::Place, kBudget.connections_max() + kPastNetworks> networks{};

  static LinkMemory memory() {
    return {{reinterpret_cast<link::Connection*>(connections.data()), kBudget.connections_max()},
            descriptors,
            networks};
  }
};

}  // namespace signalbox::app
