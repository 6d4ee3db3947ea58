#include "link/connection_table.hpp"

#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace signalbox::link {
namespace {

struct ConnectionTableTest : testing::Test {
  std::vector<Connection> places{3};
  ConnectionTable table{places};
  Peer here{.address = "192.0.2.1"};
  Peer there{.address = "192.0.2.2"};
};

TEST_F(ConnectionTableTest, FindsWhatItGave) {
  Connection* one = table.take(here);
  Connection* two = table.take(there);
  ASSERT_NE(one, nullptr);
  ASSERT_NE(two, nullptr);
  EXPECT_NE(one->id, two->id);
  EXPECT_EQ(table.find(one->id), one);
  EXPECT_EQ(table.find(two->id), two);
}

TEST_F(ConnectionTableTest, RefusesAndCountsWhereItIsFull) {
  for (int i = 0; i < 3; ++i) EXPECT_NE(table.take(here), nullptr);
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.take(here), nullptr);
  EXPECT_EQ(table.gauge().refused, 1U);
  table.give_back(places[1]);
  EXPECT_FALSE(table.full());
  EXPECT_EQ(table.take(here), &places[1]);
}

TEST_F(ConnectionTableTest, AnOldIdNeverFindsTheNextTenant) {
  std::set<session::ConnectionId> old;
  for (int i = 0; i < 1000; ++i) {
    Connection* connection = table.take(here);
    for (const session::ConnectionId id : old) ASSERT_EQ(table.find(id), nullptr);
    EXPECT_TRUE(old.insert(connection->id).second);
    table.give_back(*connection);
  }
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(0x0001FFFF), nullptr);
}

TEST_F(ConnectionTableTest, TheNextTenantStartsFresh) {
  Connection* connection = table.take(here);
  connection->opened = connection->dropped = connection->pong_owed = true;
  connection->close_code = 1001;
  table.give_back(*connection);
  Connection* next = table.take(there);
  ASSERT_EQ(next, connection);
  EXPECT_FALSE(next->opened || next->dropped || next->pong_owed);
  EXPECT_EQ(next->close_code, 0);
  EXPECT_EQ(next->peer.address, there.address);
}

TEST_F(ConnectionTableTest, CountsByAddress) {
  Connection* gone = table.take(here);
  table.take(here);
  table.take(there);
  EXPECT_EQ(table.count_from(here), 2U);
  table.give_back(*gone);
  EXPECT_EQ(table.count_from(here), 1U);
  EXPECT_EQ(table.count_from(there), 1U);
}

}  // namespace
}  // namespace signalbox::link
