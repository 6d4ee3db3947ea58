#include "drivers/serial_text.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

std::string told(std::string_view line, const SerialText::Pattern& pattern) {
  const Result<double> number = SerialText::number_in(line, pattern);
  return number ? std::string{format_text<31>("%g", *number).view()}
                : std::string{number.error().detail.view()};
}

TEST(SerialText, FindsTheNumberOfAField) {
  EXPECT_EQ(told("21.5", {"", ",", 0}), "21.5");
  EXPECT_EQ(told("T=21.5", {"T=", ",", 0}), "21.5");
  EXPECT_EQ(told("a;-3;7", {"", ";", 1}), "-3");
  EXPECT_EQ(told("a;-3;7", {"", ";", 2}), "7");
  EXPECT_EQ(told("ST,GS,+  12.340 kg", {"ST,GS,", ",", 0}), "12.34") << "as scales tell it";
  EXPECT_EQ(told("x 1.5e3\tPa", {"x", ",", 0}), "1500");
  EXPECT_EQ(told("T: 21.5C", {"T:", "C", 0}), "21.5") << "a unit can be what separates";
  EXPECT_EQ(told("1 -- 2", {"", "--", 1}), "2");
}

TEST(SerialText, TellsWhatIsNoNumber) {
  EXPECT_EQ(told("T=21.5", {"H=", ",", 0}), "another line");
  EXPECT_EQ(told("1,2", {"", ",", 2}), "no such field");
  for (const char* text : {"", "abc", "-", "1.2.3", "0x10", "12,5", "21.5C", "nan", "inf", "1e999", "++1"})
    EXPECT_EQ(told(text, {"", ";", 0}), "no number") << text;
}

TEST(SerialText, LooksAtTheChecksumOfASentence) {
  constexpr std::string_view kFix = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47";
  EXPECT_EQ(told(kFix, {"$GPGGA,", ",", 8}), "545.4");
  EXPECT_EQ(told("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.5,M,46.9,M,,*47", {"$GPGGA,", ",", 8}),
            "wrong checksum");
  EXPECT_EQ(told("$X,5*5", {"$X,", ",", 0}), "no number") << "no checksum, and no number either";
  EXPECT_EQ(told("$X,5*zz", {"$X,", ",", 0}), "wrong checksum");
  EXPECT_EQ(told("$X,5", {"$X,", ",", 0}), "5");
  EXPECT_EQ(told("X,5 *47", {"X,", ",", 0}), "5") << "no sentence";
  EXPECT_EQ(told("$GPX,7*54", {"$GPX,", ",", 0}), "7") << "the last field ends before it";
}

class SerialTextTest : public testing::Test {
 protected:
  std::string start(double baud = 4800.0, std::string_view prefix = "$WIMTA,") {
    return bench.start(kSerialText,
                       {{"port", Text{"ttyUSB0"}}, {"baud", baud}, {"prefix", Text{prefix}}, {"field", 0.0}});
  }
  PartBench bench;
};

TEST_F(SerialTextTest, TellsEachLineOnce) {
  ASSERT_EQ(start(), "");
  bench.run(from_ms(4800));
  ASSERT_EQ(bench.told.size(), 4U) << "one a second, though it is read twice as often";
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(bench.number(i), bench.world.ambient_celsius(), 0.06);
}

TEST_F(SerialTextTest, WhatDoesNotComeIsNoFault) {
  bench.faults.add({sim::FaultKind::stuck, "ttyUSB0", Instant{}, kNever});
  ASSERT_EQ(start(), "");
  bench.run(from_ms(5000));
  EXPECT_EQ(bench.told.size(), 0U);
}

TEST_F(SerialTextTest, OtherLinesAreNotIts) {
  ASSERT_EQ(start(4800.0, "$GPGGA,"), "");
  bench.run(from_ms(5000));
  EXPECT_EQ(bench.told.size(), 0U);
}

TEST_F(SerialTextTest, AtTheWrongRateItIsUnreadable) {
  ASSERT_EQ(start(9600.0), "");
  bench.run(from_ms(2000));
  ASSERT_FALSE(bench.told.empty());
  EXPECT_EQ(bench.told.back().why, "unreadable text");
}

TEST_F(SerialTextTest, ADisturbedLineIsTold) {
  bench.platform().station().disturb(true);
  ASSERT_EQ(start(), "");
  bench.run(from_ms(2000));
  ASSERT_FALSE(bench.told.empty());
  EXPECT_EQ(bench.told.back().why, "wrong checksum");
}

TEST_F(SerialTextTest, AnAdapterThatIsUnpluggedIsToldAndComesBackWithinSeconds) {
  bench.faults.add({sim::FaultKind::silent, "ttyUSB0", Instant{from_ms(3000)}, Instant{from_ms(60'000)}});
  bench.faults.add({sim::FaultKind::fails, "ttyUSB0", Instant{from_ms(60'000)}, Instant{from_ms(61'000)}});
  ASSERT_EQ(start(), "");
  bench.run(from_ms(59'000));
  EXPECT_EQ(bench.told.back().why, "not there");
  bench.run(from_ms(8000));
  EXPECT_TRUE(bench.told.back().value.has_value());
  EXPECT_GE(bench.told.back().at, Instant{from_ms(62'000)});
}

TEST_F(SerialTextTest, ABusyProcessIsTold) {
  bench.faults.add({sim::FaultKind::hung, "ttyUSB0", Instant{}, kNever});
  ASSERT_EQ(start(), "");
  bench.run(from_ms(3000));
  ASSERT_FALSE(bench.told.empty());
  EXPECT_EQ(bench.told.back().why, "not read in time");
}

TEST_F(SerialTextTest, NeedsItsPortAtOneRate) {
  EXPECT_EQ(bench.start(kSerialText, {{"port", Text{"ttyS9"}}}),
            "\"ttyS9\" cannot be had at 9600 baud: another part has it at another rate, or too many read");
  ASSERT_NE(bench.platform().ports().serial->claim({"/dev/ttyUSB0", 4800, ""}), hal::Serial::kNoReader);
  EXPECT_NE(start(9600.0), "");
  EXPECT_EQ(start(4800.0), "") << "several may read it";
}

TEST(SerialTextForm, APortIsAFileBelowDev) {
  for (const char* device : {"ttyUSB0", "/dev/ttyUSB0", "serial/by-id/gps", "ttyUSB@1-1.2"})
    EXPECT_TRUE(hal::is_serial_device(device)) << device;
  for (const char* device : {"", "/dev/", "/etc/passwd", "../mem", "/dev/../etc/x", "//mem"})
    EXPECT_FALSE(hal::is_serial_device(device)) << device;
}

}  // namespace
}  // namespace signalbox::drivers
