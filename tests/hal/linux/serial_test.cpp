// A serial port whose other end the test has, read by the process that reads the real ones.
#include "hal/linux/serial.hpp"

#include <array>
#include <asm/termbits.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

#include "base/log.hpp"
#include "hal/linux/clock.hpp"
#include "hal/linux/serial_port.hpp"

namespace signalbox::hal::kernel {
namespace {

/// A pair of terminals: what is told here comes in at `device`.
class Wire {
 public:
  Wire() : ours_{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)} {
    EXPECT_EQ(grantpt(ours_.number()) + unlockpt(ours_.number()), 0);
    std::array<char, 64> name{};
    EXPECT_EQ(ptsname_r(ours_.number(), name.data(), name.size()), 0);
    device_ = name.data();
  }
  const std::string& device() const { return device_; }
  void tell(std::string_view text) const { EXPECT_TRUE(ours_.write_all(text)); }
  /// As if it was unplugged.
  void cut() { ours_ = Descriptor{}; }
  termios2 settings() const {
    termios2 its{};
    EXPECT_EQ(ioctl(ours_.number(), TCGETS2, &its), 0);
    return its;
  }

 private:
  Descriptor ours_;
  std::string device_;
};

class KernelSerialTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(serial.open(true)); }
  Completion read(int reader) {
    reading.deadline = Clock{}.now() + from_ms(5000);
    serial.read(reader, reading);
    for (int i = 0; i < 10'000 && !is_final(reading.completion); ++i) {
      serial.poll(Clock{}.now());
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return reading.completion;
  }
  /// The next text that comes.
  std::string heard(int reader) {
    for (int i = 0; i < 2000; ++i) {
      if (read(reader) == Completion::done && !reading.text.empty()) return std::string{reading.text.view()};
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return "nothing";
  }
  int claim(const Wire& wire, std::string_view prefix = "", std::uint32_t baud = 9600) {
    return serial.claim({wire.device(), baud, prefix});
  }

  Serial serial;
  SerialReading reading;
};

TEST_F(KernelSerialTest, TellsTheLastLineThatIsWanted) {
  const Wire wire;
  const int temperature = claim(wire, "T=");
  const int humidity = claim(wire, "H=");
  EXPECT_EQ(read(temperature), Completion::done) << "which opens it";
  EXPECT_EQ(read(humidity), Completion::done);
  wire.tell("T=0\r\nT=1\r\nH=40\r\nT=2\r\nX=5\r\nT=");
  EXPECT_EQ(heard(temperature), "T=2") << "and not the first, which may have begun before";
  EXPECT_EQ(heard(humidity), "H=40");
  EXPECT_EQ(read(temperature), Completion::done);
  EXPECT_TRUE(reading.text.empty()) << "once";
  wire.tell("3\r\n");
  EXPECT_EQ(heard(temperature), "T=3");
}

TEST_F(KernelSerialTest, TheLineIsSetAsRawAsItCanBe) {
  const Wire wire;
  EXPECT_EQ(read(claim(wire, "", 115'200)), Completion::done);
  const termios2 its = wire.settings();
  EXPECT_EQ(its.c_ispeed, 115'200U);
  EXPECT_EQ(its.c_lflag & static_cast<tcflag_t>(ICANON | ECHO | ISIG), 0U);
  EXPECT_EQ(its.c_iflag & static_cast<tcflag_t>(ICRNL | IXON), 0U);
  EXPECT_EQ(its.c_cflag & static_cast<tcflag_t>(CSIZE | PARENB | CSTOPB), static_cast<tcflag_t>(CS8));
  EXPECT_NE(its.c_cflag & static_cast<tcflag_t>(CLOCAL), 0U);
}

TEST_F(KernelSerialTest, GarbageIsCounted) {
  const Wire wire;
  const int reader = claim(wire);
  EXPECT_EQ(read(reader), Completion::done);
  wire.tell("\n\x80\x81\n" + std::string(500, 'x') + "\nend\n");
  std::uint32_t dropped = 0;
  for (int i = 0; i < 2000 && reading.text.view() != "end"; ++i) {
    ASSERT_EQ(read(reader), Completion::done);
    dropped += reading.dropped;
  }
  EXPECT_EQ(dropped, 2U);
}

TEST_F(KernelSerialTest, OneThatIsUnpluggedIsToldOnceAndReadWhenItComesBack) {
  testing::internal::CaptureStderr();
  const std::string device = "/dev/shm/signalbox-" + std::to_string(getpid());
  Wire wire;
  ASSERT_EQ(symlink(wire.device().c_str(), device.c_str()), 0);
  const int reader = serial.claim({device, 9600, ""});
  EXPECT_EQ(read(reader), Completion::done);
  wire.tell("\na\n");
  EXPECT_EQ(heard(reader), "a");
  EXPECT_EQ(unlink(device.c_str()), 0);
  wire.cut();
  for (int i = 0; i < 2000 && read(reader) == Completion::done; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  EXPECT_EQ(read(reader), Completion::absent);
  EXPECT_EQ(read(reader), Completion::absent);
  const Wire again;
  ASSERT_EQ(symlink(again.device().c_str(), device.c_str()), 0);
  EXPECT_EQ(read(reader), Completion::done);
  again.tell("half\nb\n");
  EXPECT_EQ(heard(reader), "b");
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string missing = "serial port " + device + ": it does not exist";
  ASSERT_NE(log.find(missing), std::string::npos) << log;
  EXPECT_EQ(log.find(missing), log.rfind(missing)) << log;
  EXPECT_NE(log.find("serial port " + device + ": it is there"), std::string::npos) << log;
  EXPECT_EQ(unlink(device.c_str()), 0);
}

TEST_F(KernelSerialTest, WhatIsNoSerialPortIsTold) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(read(serial.claim({"null", 9600, ""})), Completion::failed);
  EXPECT_EQ(read(serial.claim({"ttyUSB@9-9.9", 9600, ""})), Completion::absent);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("serial port null: it is no serial port"), std::string::npos) << log;
  EXPECT_NE(log.find("serial port ttyUSB@9-9.9: no such adapter is plugged in there"), std::string::npos)
      << log;
}

TEST_F(KernelSerialTest, ClaimsWhatCanBeAPortAtOneRate) {
  const Wire wire;
  const int first = claim(wire, "", 9600);
  EXPECT_EQ(claim(wire, "", 4800), hal::Serial::kNoReader);
  EXPECT_EQ(serial.claim({"/etc/passwd", 9600, ""}), hal::Serial::kNoReader);
  EXPECT_EQ(read(first), Completion::done);
  serial.release(first);
  const int other = claim(wire, "", 4800);
  ASSERT_NE(other, hal::Serial::kNoReader);
  EXPECT_EQ(read(other), Completion::done);
  const termios2 its = wire.settings();
  EXPECT_EQ(its.c_ispeed, 4800U) << "it was closed and opened again";
}

TEST_F(KernelSerialTest, ItIsOursAlone) {
  const Wire wire;
  EXPECT_EQ(read(claim(wire)), Completion::done);
  const Descriptor other{open(wire.device().c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  if (!other) return;  // root comes in all the same
  int exclusive = 0;
  EXPECT_EQ(ioctl(other.number(), TIOCGEXCL, &exclusive), 0);
  EXPECT_NE(exclusive, 0);
}

TEST(SerialPort, IsLookedForWithoutBeingOpened) {
  const Wire wire;
  EXPECT_TRUE(SerialPort::look(wire.device()));
  EXPECT_EQ(SerialPort::look("ttyUSB@9-9.9").error().reason, Reason::not_found);
  EXPECT_EQ(SerialPort::look("signalbox-none").error().reason, Reason::not_found);
}

}  // namespace
}  // namespace signalbox::hal::kernel
