#include "drivers/can_signal.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>

#include "base/log.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;
using Place = CanSignal::Place;
using Frame = std::array<std::uint8_t, 8>;

double told(const Frame& frame, const Place& place) {
  return CanSignal::number_in(frame, place).value_or(std::numeric_limits<double>::quiet_NaN());
}

constexpr Place intel(unsigned start, unsigned bits, bool is_signed = false) {
  return {static_cast<std::uint8_t>(start), static_cast<std::uint8_t>(bits), false, is_signed};
}
constexpr Place motorola(unsigned start, unsigned bits, bool is_signed = false) {
  return {static_cast<std::uint8_t>(start), static_cast<std::uint8_t>(bits), true, is_signed};
}

// The message of cantools' README, from its motohawk.dbc: SG_ Temperature : 0|12@0- (0.01,250),
// SG_ AverageRadius : 6|6@0+ (0.1,0), SG_ Enable : 7|1@0+ (1,0). Byte 0 of the first frame is 1 000000 0:
// enabled, no radius, and the temperature's highest bit; with 0100'1010 and 000 behind it that is 592: 255.92
// degK.
TEST(CanSignal, ReadsTheExampleOfCantools) {
  constexpr Frame kFrame{0x80, 0x4A, 0x0F, 0, 0, 0, 0, 0};
  EXPECT_EQ(told(kFrame, motorola(0, 12, true)), 592.0);
  EXPECT_EQ(told(kFrame, motorola(6, 6)), 0.0);
  EXPECT_EQ(told(kFrame, motorola(7, 1)), 1.0);
  // 250.1 degK, 3.2 m, enabled: 1 100000 0, 0000'0001, 010: 32 and 10.
  constexpr Frame kOther{0xC0, 0x01, 0x40, 0, 0, 0, 0, 0};
  EXPECT_EQ(told(kOther, motorola(0, 12, true)), 10.0);
  EXPECT_EQ(told(kOther, motorola(6, 6)), 32.0);
  // And below 250 degK: 1 11111110 111 is -9.
  EXPECT_EQ(told({0x01, 0xFE, 0xE0}, motorola(0, 12, true)), -9.0);
  EXPECT_EQ(told({0x01, 0xFE, 0xE0}, motorola(0, 12)), 4087.0);
}

TEST(CanSignal, BytesComeLowestFirstOrHighestFirst) {
  constexpr Frame kFrame{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};
  EXPECT_EQ(told(kFrame, intel(0, 16)), double{0x2301});
  EXPECT_EQ(told(kFrame, motorola(7, 16)), double{0x0123});
  EXPECT_EQ(told(kFrame, intel(8, 24)), double{0x674523});
  EXPECT_EQ(told(kFrame, motorola(15, 24)), double{0x234567});
  EXPECT_EQ(told(kFrame, intel(4, 12)), double{0x230}) << "the upper half of the first byte is its lowest";
  EXPECT_EQ(told(kFrame, motorola(3, 12)), double{0x123})
      << "the lower half of the first byte is its highest";
  EXPECT_EQ(told(kFrame, intel(60, 4)), double{0xE});
  EXPECT_EQ(told(kFrame, motorola(59, 4)), double{0xF});
  for (unsigned bit = 0; bit < 64; ++bit)
    EXPECT_EQ(told(kFrame, intel(bit, 1)), told(kFrame, motorola(bit, 1))) << "one bit has no order";
}

TEST(CanSignal, TheEdgesOfItsLength) {
  constexpr Frame kOnes{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  constexpr Frame kTop{0, 0, 0, 0, 0, 0, 0, 0x80};
  EXPECT_EQ(told(kOnes, intel(0, 64)), 18'446'744'073'709'551'615.0);
  EXPECT_EQ(told(kOnes, intel(0, 64, true)), -1.0);
  EXPECT_EQ(told(kOnes, motorola(7, 64)), 18'446'744'073'709'551'615.0);
  EXPECT_EQ(told(kOnes, motorola(7, 64, true)), -1.0);
  EXPECT_EQ(told(kTop, intel(0, 64, true)), -9'223'372'036'854'775'808.0);
  EXPECT_EQ(told(kTop, intel(0, 64)), 9'223'372'036'854'775'808.0);
  EXPECT_EQ(told(kTop, motorola(7, 64)), 128.0);
  EXPECT_EQ(told(kTop, intel(63, 1)), 1.0);
  EXPECT_EQ(told(kTop, intel(63, 1, true)), -1.0) << "two's complement of one bit: 0 and -1";
  EXPECT_EQ(told(kTop, intel(0, 63)), 0.0);
  EXPECT_EQ(told(kOnes, intel(1, 63)), 9'223'372'036'854'775'807.0);
  EXPECT_EQ(told({0x7F}, intel(0, 8, true)), 127.0);
  EXPECT_EQ(told({0x80}, intel(0, 8, true)), -128.0);
  EXPECT_EQ(told({0x80}, intel(0, 8)), 128.0);
}

/// Bit by bit, as the DBC format's section tells it.
double bit_by_bit(const Frame& frame, const Place& place) {
  const auto bit = [&frame](std::size_t at) { return frame[at / 8] >> at % 8 & 1; };
  double value = 0.0;
  std::size_t at = place.is_motorola ? place.start_bit : place.start_bit + place.bits - std::size_t{1};
  for (unsigned i = 0; i < place.bits; ++i) {
    const double weight = std::ldexp(1.0, static_cast<int>(place.bits - 1 - i));
    if (bit(at) != 0) value += place.is_signed && i == 0 ? -weight : weight;
    if (!place.is_motorola)
      --at;
    else
      at = at % 8 != 0 ? at - 1 : at + 15;
  }
  return value;
}

RC_GTEST_PROP(CanSignalProperty, IsWhatItsBitsAre, ()) {
  Frame frame{};
  for (std::uint8_t& byte : frame) byte = *rc::gen::arbitrary<std::uint8_t>();
  // Up to 53 bits a double adds them without rounding.
  Place place{.start_bit = *rc::gen::inRange<std::uint8_t>(0, 64),
              .bits = 1,
              .is_motorola = *rc::gen::arbitrary<bool>(),
              .is_signed = *rc::gen::arbitrary<bool>()};
  const std::size_t room = std::min<std::size_t>(64 - (place.end() - 1), 53);
  place.bits = static_cast<std::uint8_t>(*rc::gen::inRange<std::size_t>(1, room + 1));
  RC_ASSERT(told(frame, place) == bit_by_bit(frame, place));
  // It needs the bytes that it lies in, and no more.
  const std::span all{frame};
  RC_ASSERT(CanSignal::number_in(all.first(place.bytes()), place) == told(frame, place));
  RC_ASSERT(!CanSignal::number_in(all.first(place.bytes() - 1), place));
}

TEST(CanSignal, KnowsHowManyBytesItNeeds) {
  EXPECT_EQ(intel(0, 8).bytes(), 1U);
  EXPECT_EQ(intel(7, 2).bytes(), 2U);
  EXPECT_EQ(motorola(0, 2).bytes(), 2U);
  EXPECT_EQ(motorola(7, 8).bytes(), 1U);
  EXPECT_EQ(intel(63, 1).bytes(), 8U);
  EXPECT_EQ(motorola(56, 1).end(), 64U);
}

TEST(CanSignal, AnIdentifierHas11Or29Bits) {
  const auto base = [](std::uint32_t number) { return hal::CanId{number, false}; };
  const auto extended = [](std::uint32_t number) { return hal::CanId{number, true}; };
  EXPECT_EQ(CanSignal::id_in("291"), base(0x123));
  EXPECT_EQ(CanSignal::id_in("0x123"), base(0x123));
  EXPECT_EQ(CanSignal::id_in("0"), base(0));
  EXPECT_EQ(CanSignal::id_in("0x7ff"), base(0x7FF));
  EXPECT_EQ(CanSignal::id_in("0x800"), extended(0x800));
  EXPECT_EQ(CanSignal::id_in("2048"), extended(0x800));
  EXPECT_EQ(CanSignal::id_in("0x00000123"), extended(0x123)) << "eight digits, as can-utils have it";
  EXPECT_EQ(CanSignal::id_in("0X1FFFFFFF"), extended(0x1FFFFFFF));
  EXPECT_EQ(CanSignal::id_in("2566844672"), extended(0x18FEF100)) << "as DBC files have it: bit 31 is set";
  EXPECT_EQ(CanSignal::id_in("2147483939"), extended(0x123));
  for (const char* text : {"", "0x", "x123", "123h", "-1", "+1", "1.5", " 1", "1 ", "0x20000000", "536870912",
                           "0x98FEF100", "0x000000123", "2684354560", "4294967296", "0x1g"})
    EXPECT_FALSE(CanSignal::id_in(text)) << text;
}

TEST(CanSignal, AnInterfaceHasANameThatOneCanHave) {
  for (const char* name : {"can0", "vcan0", "a", "can-engine.1", "fifteen-letters"})
    EXPECT_TRUE(hal::is_can_interface(name)) << name;
  for (const char* name :
       {"", "sixteen-letters-", "can 0", "../can0", "can0:1", ".", "..", "can\n", "k\xc3\xa4n"})
    EXPECT_FALSE(hal::is_can_interface(name)) << name;
}

class CanSignalTest : public testing::Test {
 protected:
  using Named = PartBench::Named;
  std::string start(double start_bit, double bits, std::string_view order = "", bool is_signed = false,
                    std::string_view id = "0x123") {
    return bench.start(kCanSignal, {{"interface", Text{"can0"}},
                                    {"id", Text{id}},
                                    {"startBit", start_bit},
                                    {"bits", bits},
                                    {"byteOrder", Text{order}},
                                    {"signed", is_signed}});
  }
  const PartBench::Told& last() const { return bench.told.back(); }
  PartBench bench;
};

TEST_F(CanSignalTest, TellsEachFrameOnceAndWhenItCame) {
  ASSERT_EQ(start(0, 16, "intel"), "");
  bench.run(from_ms(1050));
  ASSERT_EQ(bench.told.size(), 20U) << "ten frames, and each as a number and as a state";
  for (std::size_t i = 0; i < 20; i += 2) {
    EXPECT_NEAR(bench.number(i) / 100, bench.world.supply_volts(), 0.5);
    EXPECT_TRUE(bench.boolean(i + 1));
    EXPECT_EQ(bench.told[i].at, Instant{from_ms(100 * static_cast<std::int64_t>(i / 2 + 1))});
  }
}

TEST_F(CanSignalTest, ReadsASignedSignalInMotorolasOrder) {
  ASSERT_EQ(start(23, 16, "motorola", true), "");
  bench.run(from_ms(500));
  ASSERT_FALSE(bench.told.empty());
  EXPECT_NEAR(bench.number(0) / 10, bench.world.ambient_celsius(), 0.06);
}

TEST_F(CanSignalTest, ABitIsAState) {
  ASSERT_EQ(start(32, 1), "");
  bench.run(from_ms(150));
  EXPECT_EQ(bench.boolean(1), bench.world.door_open());
}

TEST_F(CanSignalTest, OtherFramesAreNotIts) {
  for (const char* id : {"0x124", "0x00000123"}) {
    ASSERT_EQ(start(0, 16, "", false, id), "");
    bench.run(from_ms(1000));
    EXPECT_TRUE(bench.told.empty()) << id;
    std::destroy_at(&bench.part());
  }
  ASSERT_EQ(start(0, 16), "");
}

TEST_F(CanSignalTest, WhatDoesNotComeIsNoFault) {
  bench.faults.add({sim::FaultKind::stuck, "can0", Instant{}, kNever});
  ASSERT_EQ(start(0, 16), "");
  bench.run(from_ms(5000));
  EXPECT_TRUE(bench.told.empty());
}

TEST_F(CanSignalTest, AFrameThatIsTooShortIsAFaultAndToldOnce) {
  testing::internal::CaptureStderr();
  bench.platform().charger().cut(3);
  ASSERT_EQ(start(23, 16, "motorola"), "");
  bench.run(from_ms(1000));
  ASSERT_FALSE(bench.told.empty());
  for (const auto& its : bench.told) EXPECT_EQ(its.why, "frame too short");
  bench.platform().charger().cut(4);
  bench.run(from_ms(200));
  EXPECT_TRUE(last().value.has_value());
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string words =
      "CAN interface can0, frame 0x123: it is too short; it has 3 bytes, and the signal needs 4";
  EXPECT_NE(log.find(words), std::string::npos) << log;
  EXPECT_EQ(log.find(words), log.rfind(words)) << log;
  EXPECT_NE(log.find("it is long enough"), std::string::npos) << log;
}

TEST_F(CanSignalTest, AnInterfaceThatIsDownOrOffItsBusIsAFaultAndComesBackWithinSeconds) {
  bench.faults.add({sim::FaultKind::silent, "can0", Instant{from_ms(1000)}, Instant{from_ms(60'000)}});
  bench.faults.add({sim::FaultKind::fails, "can0", Instant{from_ms(60'000)}, Instant{from_ms(61'000)}});
  ASSERT_EQ(start(0, 16), "");
  bench.run(from_ms(59'000));
  EXPECT_EQ(last().why, "interface not there, or down");
  EXPECT_EQ(last().port, 1) << "both channels";
  bench.run(from_ms(8000));
  EXPECT_TRUE(last().value.has_value());
  EXPECT_GE(last().at, Instant{from_ms(61'000)});
}

TEST_F(CanSignalTest, BusOffIsAFault) {
  bench.faults.add({sim::FaultKind::fails, "can0", Instant{}, kNever});
  ASSERT_EQ(start(0, 16), "");
  bench.run(from_ms(500));
  EXPECT_EQ(last().why, "bus-off, or not readable");
}

TEST_F(CanSignalTest, ABusyProcessIsTold) {
  bench.faults.add({sim::FaultKind::hung, "can0", Instant{}, kNever});
  ASSERT_EQ(start(0, 16), "");
  bench.run(from_ms(3000));
  ASSERT_FALSE(bench.told.empty());
  EXPECT_EQ(last().why, "not read in time");
}

TEST_F(CanSignalTest, NeedsItsInterface) {
  EXPECT_EQ(bench.start(kCanSignal, {{"interface", Text{"can9"}}, {"id", Text{"1"}}, {"bits", 1.0}}),
            "\"can9\" cannot be had: there is none, or too many read");
  EXPECT_EQ(
      bench.start(kCanSignal, {{"interface", Text{"can0"}}, {"id", Text{"1"}}, {"bits", 1.0}}, false, {}),
      "this board has no CAN interfaces");
}

}  // namespace
}  // namespace signalbox::drivers
