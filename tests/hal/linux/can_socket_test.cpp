// Records as the kernel makes them of frames, over a pair of sockets; real CAN sockets are in tests/kernel.
#include "hal/linux/can_socket.hpp"

#include <gtest/gtest.h>
#include <linux/can/error.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace signalbox::hal::kernel {
namespace {

using Heard = CanSocket::Heard;

can_frame error_frame(canid_t kind, unsigned controller = 0) {
  can_frame made{};
  made.can_id = CAN_ERR_FLAG | kind;
  made.can_dlc = CAN_ERR_DLC;
  made.data[1] = static_cast<std::uint8_t>(controller);
  return made;
}

class CanSocketTest : public testing::Test {
 protected:
  CanSocketTest() {
    std::array<int, 2> pair{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    bus = Descriptor{pair[0]};
    socket = CanSocket{Descriptor{pair[1]}};
  }
  void send(const can_frame& record, std::size_t size = sizeof(can_frame)) const {
    EXPECT_EQ(write(bus.number(), &record, size), static_cast<ssize_t>(size));
  }
  void send(canid_t id, std::uint8_t size) const {
    can_frame made{};
    made.can_id = id;
    made.can_dlc = size;
    for (std::uint8_t i = 0; i < CAN_MAX_DLEN; ++i)
      made.data[i] = static_cast<std::uint8_t>(0x11U * (i + 1U));
    send(made);
  }
  /// The state once all that came was taken.
  CanState state() {
    while (socket.receive(frame) == Heard::frame) {
    }
    return socket.state();
  }

  Descriptor bus;
  CanSocket socket;
  CanSocket::Frame frame;
};

TEST_F(CanSocketTest, TakesFramesInOrder) {
  EXPECT_EQ(socket.receive(frame), Heard::nothing);
  send(0x123, 2);
  send(CAN_EFF_FLAG | 0x18FEF100U, 8);
  ASSERT_EQ(socket.receive(frame), Heard::frame);
  EXPECT_EQ(frame.id, (CanId{0x123, false}));
  EXPECT_EQ(frame.size, 2U);
  EXPECT_EQ(frame.bytes[1], 0x22U);
  ASSERT_EQ(socket.receive(frame), Heard::frame);
  EXPECT_EQ(frame.id, (CanId{0x18FEF100, true}));
  EXPECT_EQ(frame.size, 8U);
  EXPECT_EQ(frame.bytes[7], 0x88U);
  EXPECT_EQ(socket.receive(frame), Heard::nothing);
}

TEST_F(CanSocketTest, TellsHowOldAFrameIs) {
  send(0x123, 1);
  usleep(30'000);
  ASSERT_EQ(socket.receive(frame), Heard::frame);
  EXPECT_GE(frame.age, from_ms(30));
}

TEST_F(CanSocketTest, NoFrameIsLongerThanAFrame) {
  send(0x123, 15);
  ASSERT_EQ(socket.receive(frame), Heard::frame);
  EXPECT_EQ(frame.size, 8U);
  can_frame torn{};
  send(torn, 7);
  send(0x124, 0);
  ASSERT_EQ(socket.receive(frame), Heard::frame) << "what is no frame is passed over";
  EXPECT_EQ(frame.id.number, 0x124U);
  EXPECT_EQ(frame.size, 0U);
}

TEST_F(CanSocketTest, FollowsItsControllersState) {
  EXPECT_EQ(state(), CanState::active);
  send(error_frame(CAN_ERR_CRTL, CAN_ERR_CRTL_RX_WARNING));
  EXPECT_EQ(state(), CanState::active) << "a warning is error-active still";
  send(error_frame(CAN_ERR_CRTL, CAN_ERR_CRTL_TX_PASSIVE));
  EXPECT_EQ(state(), CanState::passive);
  send(0x123, 1);
  EXPECT_EQ(state(), CanState::passive) << "it hears";
  send(error_frame(CAN_ERR_BUSOFF));
  EXPECT_EQ(state(), CanState::off);
  send(error_frame(CAN_ERR_RESTARTED));
  EXPECT_EQ(state(), CanState::active);
  send(error_frame(CAN_ERR_BUSOFF | CAN_ERR_CRTL, CAN_ERR_CRTL_RX_PASSIVE));
  EXPECT_EQ(state(), CanState::off);
  send(0x123, 1);
  EXPECT_EQ(state(), CanState::active) << "who is off the bus hears nothing";
}

TEST(CanState, OtherErrorsChangeNothing) {
  for (const CanState before : {CanState::active, CanState::passive, CanState::off}) {
    EXPECT_EQ(state_after(error_frame(CAN_ERR_ACK), before), before);
    EXPECT_EQ(state_after(error_frame(CAN_ERR_CRTL, CAN_ERR_CRTL_RX_OVERFLOW), before), before);
    EXPECT_EQ(state_after(error_frame(CAN_ERR_CRTL, CAN_ERR_CRTL_ACTIVE), before), CanState::active);
    EXPECT_EQ(state_after(error_frame(CAN_ERR_CRTL, CAN_ERR_CRTL_RX_PASSIVE), before), CanState::passive);
  }
}

TEST_F(CanSocketTest, OneWhoseOtherEndIsLostIsGone) {
  const CanSocket closed{Descriptor{}};
  EXPECT_FALSE(static_cast<bool>(closed));
  CanSocket lost{Descriptor{dup(STDIN_FILENO)}};  // no socket at all: as little can be heard
  EXPECT_EQ(lost.receive(frame), Heard::gone);
}

TEST(CanSocket, AnInterfaceThatIsNotThereIsTold) {
  const Result<CanSocket> opened = CanSocket::open("signalbox-none");
  ASSERT_FALSE(opened);
  const std::string words{opened.error().detail.view()};
  // As this machine's kernel has it.
  EXPECT_TRUE(words == "there is no interface of that name" ||
              words ==
                  "this kernel speaks no CAN (its modules: can, can-raw), or the unit forbids it (AF_CAN)")
      << words;
}

}  // namespace
}  // namespace signalbox::hal::kernel
