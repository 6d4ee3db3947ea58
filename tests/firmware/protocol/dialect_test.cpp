#include "protocol/dialect.hpp"

#include <gtest/gtest.h>

namespace signalbox::protocol {
namespace {

TEST(Dialect, IsFoundByItsExactName) {
  EXPECT_EQ(find_dialect("signalbox.v1"), &envelope());
  EXPECT_EQ(find_dialect("Signalbox.v1"), nullptr);
  EXPECT_EQ(find_dialect("signalbox.v2"), nullptr);
  EXPECT_EQ(find_dialect(""), nullptr);
  EXPECT_EQ(dialect_names(), "signalbox.v1");
}

}  // namespace
}  // namespace signalbox::protocol
