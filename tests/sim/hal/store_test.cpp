#include "sim/hal/store.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

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

class SimStoreSaving : public testing::Test {
 protected:
  static Instant at(std::int64_t ms) { return Instant{from_ms(ms)}; }
  hal::Completion save(std::string_view record, Instant until) {
    operation.name = "token";
    operation.record = record;
    store.save(operation);
    store.poll(until);
    return operation.completion;
  }
  std::string kept() {
    std::string into(16, '\0');
    const Result<std::size_t> size = store.read("token", into);
    return size ? into.substr(0, *size) : "nothing";
  }
  Faults faults;
  Store store{faults};
  hal::SaveOperation operation;
};

TEST_F(SimStoreSaving, TakesItsTime) {
  EXPECT_EQ(store.next(), kNever);
  EXPECT_EQ(save("one", at(4)), hal::Completion::pending);
  EXPECT_EQ(kept(), "nothing");
  EXPECT_EQ(store.next(), at(5));
  store.poll(at(5));
  EXPECT_EQ(operation.completion, hal::Completion::done);
  EXPECT_EQ(kept(), "one");
  EXPECT_EQ(store.next(), kNever);
}

TEST_F(SimStoreSaving, FailsAndHangs) {
  save("old", at(10));
  faults.add({FaultKind::fails, "store", at(10), at(20)});
  EXPECT_EQ(save("new", at(20)), hal::Completion::failed);
  EXPECT_EQ(operation.why.view(), "cannot write token: no space left");
  EXPECT_EQ(kept(), "old");
  faults.add({FaultKind::hung, "store", at(20), at(500)});
  EXPECT_EQ(save("new", at(504)), hal::Completion::pending);
  store.poll(at(505));
  EXPECT_EQ(kept(), "new");
}

TEST_F(SimStoreSaving, APowerCutLeavesTheOldOneOrTheNewOne) {
  save("old", at(10));
  save("new", at(11));
  store.cut_power(false);
  EXPECT_EQ(kept(), "old");
  save("new", at(12));
  store.cut_power(true);
  EXPECT_EQ(kept(), "new");
  EXPECT_EQ(store.next(), kNever);
}

}  // namespace
}  // namespace signalbox::sim
