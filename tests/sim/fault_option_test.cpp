#include "sim/fault_option.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

constexpr Instant kStart{from_ms(500)};

TEST(FaultOption, IsReadAsItIsWritten) {
  const Result<Fault> fault = read_fault("hung:heater:3000:5000", kStart);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, FaultKind::hung);
  EXPECT_EQ(fault->target.view(), "heater");
  EXPECT_EQ(fault->from, kStart + from_ms(3000));
  EXPECT_EQ(fault->until, kStart + from_ms(8000));
}

TEST(FaultOption, WhatIsWrongIsSaid) {
  for (const char* wrong :
       {"", "hung", "hung:heater:1", "hung:heater:1:2:3", "burns:heater:1:2", "hung:moon:1:2",
        "silent:heater:1:2", "hung:heater:x:2", "hung:heater:1:-2", "hung:heater:1:99999999999"}) {
    const Result<Fault> fault = read_fault(wrong, kStart);
    ASSERT_FALSE(fault.has_value()) << wrong;
    EXPECT_TRUE(fault.error().detail.view().starts_with("--fault: found `")) << fault.error().detail.view();
  }
}

TEST(FaultOption, IsTakenOutOfTheArguments) {
  Faults faults;
  std::vector<const char*> words{"--fault", "fails:fan:0:1", "--port", "0", "--fault=slow:heater:0:9"};
  ASSERT_TRUE(take_fault_options(words, faults, kStart).has_value());
  EXPECT_EQ(words, (std::vector<const char*>{words[0], words[1]}));
  EXPECT_STREQ(words[0], "--port");
  EXPECT_EQ(faults.planned().size(), 2U);
  words = {"--fault"};
  EXPECT_FALSE(take_fault_options(words, faults, kStart).has_value());
}

}  // namespace
}  // namespace signalbox::sim
