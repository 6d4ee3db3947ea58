#pragma once

#include <span>

#include "base/pool_gauge.hpp"
#include "link/connection.hpp"

namespace signalbox::link {

/// The connections, in memory lent by the owner, found by their ids. An id kept too long finds nothing.
class ConnectionTable {
 public:
  /// At most 65,536 places, which nothing need have been made in: a place is not touched before it is taken.
  explicit ConnectionTable(std::span<Connection> places);

  /// A fresh connection; nullptr, and counted, where the table is full.
  Connection* take(const Peer& peer);
  void give_back(Connection& connection);
  Connection* find(session::ConnectionId id);

  bool full() const { return gauge_.used == gauge_.capacity; }
  /// Calls `visit(connection)` for each.
  template <typename Visit>
  void each(Visit&& visit) {
    for (Connection& its : places_.first(ever_used_))
      if (its.id != 0) visit(its);
  }
  const PoolGauge& gauge() const { return gauge_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::span<Connection> places_;
  std::uint32_t first_free_ = kNone;
  std::uint32_t ever_used_ = 0;  ///< places from the first on
  std::uint16_t generation_ = 0;
  PoolGauge gauge_;
};

}  // namespace signalbox::link
