#include "hal/linux/can_interfaces.hpp"

#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string_view>
#include <vector>

namespace signalbox::hal::kernel {
namespace {

using Bytes = std::vector<std::byte>;

template <typename T>
Bytes bytes_of(const T& record) {
  Bytes bytes(sizeof record);
  std::memcpy(bytes.data(), &record, sizeof record);
  return bytes;
}
Bytes bytes_of(const char* text) {
  const auto* first = reinterpret_cast<const std::byte*>(text);
  return {first, first + std::strlen(text) + 1};
}

/// Attributes are told one behind the other, each padded to four bytes.
Bytes attribute(unsigned short type, const Bytes& holds) {
  Bytes made = bytes_of(
      rtattr{.rta_len = static_cast<unsigned short>(sizeof(rtattr) + holds.size()), .rta_type = type});
  made.insert(made.end(), holds.begin(), holds.end());
  made.resize(RTA_ALIGN(made.size()));
  return made;
}
Bytes operator+(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Bytes link(unsigned flags, const Bytes& attributes, unsigned short type = ARPHRD_CAN,
           unsigned short kind = RTM_NEWLINK) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<unsigned>(NLMSG_LENGTH(sizeof(ifinfomsg)) + attributes.size());
  head.nlmsg_type = kind;
  ifinfomsg about{};
  about.ifi_type = type;
  about.ifi_flags = flags;
  return bytes_of(head) + bytes_of(about) + attributes;
}

Bytes bus(const char* kind, std::uint32_t bitrate, std::uint32_t state) {
  can_bittiming timing{};
  timing.bitrate = bitrate;
  return attribute(IFLA_LINKINFO,
                   attribute(IFLA_INFO_KIND, bytes_of(kind)) +
                       attribute(IFLA_INFO_DATA, attribute(IFLA_CAN_BITTIMING, bytes_of(timing)) +
                                                     attribute(IFLA_CAN_STATE, bytes_of(state))));
}

TEST(CanInterfaces, ABusHasARateAndAState) {
  const auto found = can_interface_in(link(
      IFF_UP | IFF_RUNNING, attribute(IFLA_MTU, bytes_of(16)) + attribute(IFLA_IFNAME, bytes_of("can0")) +
                                bus("can", 250'000, CAN_STATE_ERROR_PASSIVE)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name.view(), "can0");
  EXPECT_TRUE(found->is_up);
  EXPECT_TRUE(found->is_bus);
  EXPECT_EQ(found->bitrate, 250'000U);
  EXPECT_EQ(std::string_view{found->state}, "error-passive");
  EXPECT_EQ(found->to_bring_up().view(), "ip link set can0 up type can bitrate 500000");
}

TEST(CanInterfaces, AVirtualOneNeedsNoRate) {
  const auto found =
      can_interface_in(link(0, attribute(IFLA_IFNAME, bytes_of("vcan0")) +
                                   attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, bytes_of("vcan")))));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->is_up);
  EXPECT_FALSE(found->is_bus);
  EXPECT_EQ(found->to_bring_up().view(), "ip link set vcan0 up");
}

TEST(CanInterfaces, OthersAreNone) {
  const Bytes name = attribute(IFLA_IFNAME, bytes_of("eth0"));
  EXPECT_FALSE(can_interface_in(link(IFF_UP, name, ARPHRD_ETHER)));
  EXPECT_FALSE(can_interface_in(link(IFF_UP, name, ARPHRD_CAN, RTM_DELLINK)));
  EXPECT_FALSE(can_interface_in(link(IFF_UP, {})));
  EXPECT_FALSE(can_interface_in({}));
}

TEST(CanInterfaces, DamagedMessagesAreReadNoFurtherThanTheyReach) {
  const Bytes whole =
      link(IFF_UP, attribute(IFLA_IFNAME, bytes_of("can0")) + bus("can", 125'000, CAN_STATE_BUS_OFF));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    const auto found = can_interface_in(cut);
    EXPECT_EQ(found ? found->name.view() : "can0", "can0");
    EXPECT_EQ(found.has_value(), size >= sizeof(nlmsghdr) + sizeof(ifinfomsg) + 9) << size;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const unsigned bits : {0x00U, 0x01U, 0x7FU, 0xFFU}) {
      Bytes bent = whole;
      bent[i] = static_cast<std::byte>(bits);
      const auto found = can_interface_in(bent);
      EXPECT_LE(found ? found->name.size() : 0U, 15U);
    }
  }
}

TEST(CanInterfaces, ThoseOfThisMachineHaveNames) {
  std::array<CanInterface, 4> storage{};
  for (const CanInterface& its : read_can_interfaces(storage)) EXPECT_FALSE(its.name.empty());
}

}  // namespace
}  // namespace signalbox::hal::kernel
