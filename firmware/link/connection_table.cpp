#include "link/connection_table.hpp"

namespace signalbox::link {

ConnectionTable::ConnectionTable(std::span<Connection> places) : places_{places} {
  SIGNALBOX_CHECK(places.size() <= 0x10000);
  gauge_.capacity = places.size();
  for (std::uint32_t i = 0; i < places.size(); ++i) places_[i].next_free = i + 1;
}

Connection* ConnectionTable::take(const Peer& peer) {
  if (first_free_ >= places_.size()) {
    ++gauge_.refused;
    return nullptr;
  }
  const std::uint32_t index = first_free_;
  Connection& connection = places_[index];
  first_free_ = connection.next_free;
  connection = Connection{};
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
  connection.next_free = first_free_;
  first_free_ = index;
  gauge_.gave_back();
}

Connection* ConnectionTable::find(session::ConnectionId id) {
  const std::uint32_t index = id & 0xFFFFU;
  if (id == 0 || index >= places_.size()) return nullptr;
  return places_[index].id == id ? &places_[index] : nullptr;
}

}  // namespace signalbox::link
