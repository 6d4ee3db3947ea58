#include "sim/hal/store.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

TEST(SimStore, KeepsRecords) {
  Faults faults;
  Store store{faults};
  std::array<char, 8> into{};
  EXPECT_EQ(store.read("token", into).error().reason, Reason::not_found);
  ASSERT_TRUE(store.write("token", "one"));
  ASSERT_TRUE(store.write("token", "second"));
  const Result<std::size_t> size = store.read("token", into);
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ((std::string_view{into.data(), *size}), "second");
}

TEST(SimStore, TellsWhatDoesNotFit) {
  Faults faults;
  Store store{faults};
  ASSERT_TRUE(store.write("token", "far too long"));
  std::array<char, 4> into{};
  const Result<std::size_t> size = store.read("token", into);
  ASSERT_FALSE(size.has_value());
  EXPECT_EQ(size.error().reason, Reason::too_big);
  EXPECT_EQ(size.error().detail.view(), "record token has 12 bytes, at most 4 fit");
}

TEST(SimStore, AFailedWriteLosesNothing) {
  Faults faults;
  Store store{faults};
  ASSERT_TRUE(store.write("token", "old"));
  faults.add({FaultKind::fails, "store", Instant{from_ms(10)}, Instant{from_ms(20)}});
  store.set_now(Instant{from_ms(10)});
  const Result<void> written = store.write("token", "new");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().detail.view(), "cannot write token: no space left");
  std::array<char, 8> into{};
  EXPECT_FALSE(store.read("token", into).has_value());
  store.set_now(Instant{from_ms(20)});
  EXPECT_EQ(*store.read("token", into), 3U);
}

}  // namespace
}  // namespace signalbox::sim
