#include "sim/hal/serial.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

using hal::Completion;

class SerialTest : public testing::Test {
 protected:
  SerialTest() { serial.attach("ttyUSB0", 4800, station); }
  Completion read(int reader, std::int64_t at_ms) {
    run_until(at_ms);
    serial.read(reader, reading);
    EXPECT_EQ(reading.completion, Completion::pending);
    run_until(at_ms + 1);
    return reading.completion;
  }
  void run_until(std::int64_t ms) {
    const Instant now{from_ms(ms)};
    while (serial.next() <= now) serial.finish_next();
    serial.set_now(now);
  }

  twins::SerialText station{[] { return 21.5; }};
  Faults faults;
  Serial serial{faults};
  hal::SerialReading reading;
};

TEST_F(SerialTest, ALineIsHeardOnceByEachReader) {
  const int reader = serial.claim({"/dev/ttyUSB0", 4800, "$WIMTA,"});
  const int another = serial.claim({"ttyUSB0", 4800, "$X"});
  EXPECT_EQ(read(reader, 1500), Completion::done);
  EXPECT_EQ(reading.text.view(), "$WIMTA,21.5,C*1D");
  EXPECT_EQ(read(reader, 1600), Completion::done);
  EXPECT_EQ(reading.text.view(), "");
  EXPECT_EQ(read(another, 1700), Completion::done);
  EXPECT_EQ(reading.text.view(), "") << "not what it wants";
}

TEST_F(SerialTest, AtAnotherRateNothingIsText) {
  const int reader = serial.claim({"ttyUSB0", 9600, ""});
  EXPECT_EQ(serial.claim({"ttyUSB0", 4800, ""}), hal::Serial::kNoReader);
  EXPECT_EQ(read(reader, 3500), Completion::done);
  EXPECT_EQ(reading.text.view(), "");
  EXPECT_EQ(reading.dropped, 3U);
  serial.release(reader);
  EXPECT_NE(serial.claim({"ttyUSB0", 4800, ""}), hal::Serial::kNoReader);
}

TEST_F(SerialTest, SuffersItsFaults) {
  const int reader = serial.claim({"ttyUSB0", 4800, ""});
  EXPECT_EQ(serial.claim({"ttyUSB1", 4800, ""}), hal::Serial::kNoReader);
  faults.add({FaultKind::silent, "ttyUSB0", Instant{}, Instant{from_ms(2000)}});
  faults.add({FaultKind::fails, "ttyUSB0", Instant{from_ms(2000)}, Instant{from_ms(3000)}});
  faults.add({FaultKind::stuck, "ttyUSB0", Instant{from_ms(3000)}, Instant{from_ms(5000)}});
  EXPECT_EQ(read(reader, 1500), Completion::absent);
  EXPECT_EQ(read(reader, 2500), Completion::failed);
  EXPECT_EQ(read(reader, 4500), Completion::done);
  EXPECT_TRUE(reading.text.empty());
  reading.deadline = Instant{from_ms(4000)};
  EXPECT_EQ(read(reader, 5500), Completion::timed_out);
}

}  // namespace
}  // namespace signalbox::sim
