#include "link/connection_table.hpp"

#include <memory>
#include <type_traits>

namespace signalbox::link {

// One that was given back is made again in its place.
static_assert(std::is_trivially_destructible_v<Connection>);

ConnectionTable::ConnectionTable(std::span<Connection> places) : places_{places} {
  SIGNALBOX_CHECK(places.size() <= 0x10000);
  gauge_.capacity = places.size();
}

Connection* ConnectionTable::take(const Peer& peer) {
  if (full()) {
    ++gauge_.refused;
    return nullptr;
  }
  const std::uint32_t index = first_free_ != kNone ? first_free_ : ever_used_++;
  if (first_free_ != kNone) first_free_ = places_[index].next_free;
  Connection& connection = *std::construct_at(&places_[index]);
  if (++generation_ == 0) generation_ = 1;
  connection.id = static_cast<std::uint32_t>(generation_) << 16U | index;
  connection.peer = peer;
  gauge_.took();
  return &connection;
}

void ConnectionTable::give_back(Connection& connection) {
  SIGNALBOX_CHECK(find(connection.id) == &connection);
  const std::uint32_t index = connection.id & 0xFFFFU;
  connection.id = 0;
  connection.wsi = nullptr;
  connection.fd = -1;
  connection.next_free = first_free_;
  first_free_ = index;
  gauge_.gave_back();
}

Connection* ConnectionTable::find(session::ConnectionId id) {
  const std::uint32_t index = id & 0xFFFFU;
  if (id == 0 || index >= ever_used_) return nullptr;
  return places_[index].id == id ? &places_[index] : nullptr;
}

}  // namespace signalbox::link
