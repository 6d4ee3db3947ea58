#include "protocol/metrics_writer.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

namespace signalbox::protocol {
namespace {

void write_some(MetricsWriter& writer) {
  writer.family("a_total", "counter", "What a is.");
  writer.sample(1);
  writer.sample(2.5, {{"x", "1\"\\\n2"}, {"y", ""}});
  writer.family("b_seconds", "histogram", "What b is.");
  writer.sample("_bucket", 3, {{"le", "+Inf"}});
  writer.sample("_sum", std::numeric_limits<double>::infinity());
}

constexpr std::string_view kWhole =
    "# HELP a_total What a is.\n# TYPE a_total counter\na_total 1\na_total{x=\"1\\\"\\\\ 2\",y=\"\"} 2.5\n"
    "# HELP b_seconds What b is.\n# TYPE b_seconds histogram\nb_seconds_bucket{le=\"+Inf\"} 3\n"
    "b_seconds_sum +Inf\n";

TEST(MetricsWriter, WritesTheTextFormat) {
  std::array<char, 512> memory{};
  MetricsWriter writer{memory, 0};
  write_some(writer);
  EXPECT_EQ(writer.written(), kWhole);
  EXPECT_FALSE(writer.is_full());
  EXPECT_EQ(writer.next(), 6U);
}

TEST(MetricsWriter, PartsOfAnySizeMakeTheSameWhole) {
  for (std::size_t size = 64; size <= kWhole.size(); ++size) {
    std::vector<char> memory(size);
    std::string text;
    std::uint32_t next = 0;
    for (bool more = true; more;) {
      MetricsWriter writer{memory, next};
      write_some(writer);
      ASSERT_FALSE(writer.written().empty());
      ASSERT_TRUE(writer.written().ends_with('\n')) << "an entry is whole";
      text += writer.written();
      more = writer.is_full();
      next = writer.next();
    }
    EXPECT_EQ(text, kWhole) << size;
  }
}

TEST(MetricsWriter, WhatComesAndGoesBetweenPartsMovesNothing) {
  const auto write = [](MetricsWriter& writer, bool both) {
    writer.family("a", "gauge", "A.");
    if (both)
      writer.sample(1, {{"x", "1"}});
    else
      writer.pass();
    writer.sample(2, {{"x", "2"}});
    writer.sample(3, {{"x", "3"}});
  };
  std::array<char, 45> memory{};
  MetricsWriter first{memory, 0};
  write(first, true);
  ASSERT_TRUE(first.is_full());
  EXPECT_EQ(first.written(), "# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 1\n");
  MetricsWriter second{memory, first.next()};
  write(second, false);
  EXPECT_EQ(second.written(), "a{x=\"2\"} 2\na{x=\"3\"} 3\n");
}

}  // namespace
}  // namespace signalbox::protocol
