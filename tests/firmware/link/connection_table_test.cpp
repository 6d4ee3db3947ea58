#include "link/connection_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <gtest/gtest.h>
#include <span>
#include <vector>

namespace signalbox::link {
namespace {

TEST(ConnectionTable, FindsByIdUntilGivenBack) {
  std::vector<Connection> places(2);
  ConnectionTable table{places};
  Connection* first = table.take({});
  Connection* second = table.take({});
  ASSERT_TRUE(first != nullptr && second != nullptr && first != second);
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.take({}), nullptr);
  EXPECT_EQ(table.gauge().refused, 1U);
  const session::ConnectionId old = first->id;
  EXPECT_EQ(table.find(old), first);
  table.give_back(*first);
  EXPECT_EQ(table.find(old), nullptr);
  Connection* again = table.take({});
  EXPECT_EQ(again, first);
  EXPECT_NE(again->id, old);
  EXPECT_EQ(table.find(old), nullptr);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(0xFFFFFFFF), nullptr);
}

TEST(ConnectionTable, APlaceIsNotTouchedBeforeItIsTaken) {
  constexpr std::size_t kPlaces = 3;
  alignas(Connection) std::array<std::byte, kPlaces * sizeof(Connection)> memory;
  memory.fill(std::byte{0xA5});
  ConnectionTable table{{reinterpret_cast<Connection*>(memory.data()), kPlaces}};
  const Connection* first = table.take({});
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->newcomer);
  EXPECT_EQ(first->wsi, nullptr);
  EXPECT_EQ(table.find(0xA5A50001), nullptr);
  int visits = 0;
  table.each([&](const Connection&) { ++visits; });
  EXPECT_EQ(visits, 1);
  const auto rest = std::span{memory}.subspan(sizeof(Connection));
  EXPECT_TRUE(std::all_of(rest.begin(), rest.end(), [](std::byte byte) { return byte == std::byte{0xA5}; }));
}

TEST(ConnectionTable, IdsStayGoodOverManyGenerations) {
  std::vector<Connection> places(1);
  ConnectionTable table{places};
  for (int i = 0; i < 200000; ++i) {
    Connection* connection = table.take({});
    ASSERT_NE(connection->id, 0U);
    ASSERT_EQ(table.find(connection->id), connection);
    table.give_back(*connection);
  }
}

TEST(ConnectionTable, VisitsThoseThatAreTaken) {
  std::vector<Connection> places(4);
  ConnectionTable table{places};
  Connection* first = table.take({});
  Connection* second = table.take({});
  table.take({});
  table.give_back(*second);
  std::vector<const Connection*> visited;
  table.each([&](const Connection& its) { visited.push_back(&its); });
  EXPECT_EQ(visited, (std::vector<const Connection*>{first, first + 2}));
}

TEST(ConnectionTableDeathTest, StopsAtASecondReturn) {
  std::vector<Connection> places(1);
  ConnectionTable table{places};
  Connection* connection = table.take({});
  table.give_back(*connection);
  EXPECT_DEATH(table.give_back(*connection), "broken invariant");
}

}  // namespace
}  // namespace signalbox::link
