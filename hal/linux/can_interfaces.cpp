#include "hal/linux/can_interfaces.hpp"

#include <algorithm>
#include <array>
#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <span>
#include <string_view>
#include <sys/socket.h>

#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {
namespace {

using Bytes = std::span<const std::byte>;

/// The first `size` bytes as a T; what is too short stays 0 behind its end.
template <typename T>
T record_in(Bytes bytes) {
  T record{};
  std::ranges::copy(bytes.first(std::min(bytes.size(), sizeof record)),
                    std::as_writable_bytes(std::span{&record, 1}).begin());
  return record;
}

std::string_view text_in(Bytes bytes) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return text.substr(0, text.find('\0'));
}

/// What an attribute of that type holds; empty where there is none.
Bytes attribute(Bytes among, unsigned type) {
  while (among.size() >= sizeof(rtattr)) {
    const auto head = record_in<rtattr>(among);
    if (head.rta_len < sizeof head || head.rta_len > among.size()) break;
    if ((head.rta_type & static_cast<unsigned>(NLA_TYPE_MASK)) == type)
      return among.subspan(sizeof head, head.rta_len - sizeof head);
    among = among.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), among.size()));
  }
  return {};
}

const char* words_of(std::uint32_t state) {
  switch (state) {
    case CAN_STATE_ERROR_ACTIVE:
    case CAN_STATE_ERROR_WARNING: return "error-active";
    case CAN_STATE_ERROR_PASSIVE: return "error-passive";
    case CAN_STATE_BUS_OFF: return "bus-off";
    default: return "";
  }
}

struct Query {
  nlmsghdr head{.nlmsg_len = sizeof(Query),
                .nlmsg_type = RTM_GETLINK,
                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                .nlmsg_seq = 0,
                .nlmsg_pid = 0};
  ifinfomsg which{};
};

}  // namespace

std::optional<CanInterface> can_interface_in(Bytes message) {
  constexpr std::size_t kHeads = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(ifinfomsg));
  if (message.size() < kHeads || record_in<nlmsghdr>(message).nlmsg_type != RTM_NEWLINK) return std::nullopt;
  const auto about = record_in<ifinfomsg>(message.subspan(NLMSG_HDRLEN));
  if (about.ifi_type != ARPHRD_CAN) return std::nullopt;
  const Bytes all = message.subspan(kHeads);
  const Bytes link = attribute(all, IFLA_LINKINFO);
  const Bytes controller = attribute(link, IFLA_INFO_DATA);
  CanInterface found;
  found.name = text_in(attribute(all, IFLA_IFNAME));
  found.is_up = (about.ifi_flags & IFF_UP) != 0;
  found.is_bus = text_in(attribute(link, IFLA_INFO_KIND)) == "can";
  found.bitrate = record_in<can_bittiming>(attribute(controller, IFLA_CAN_BITTIMING)).bitrate;
  const Bytes state = attribute(controller, IFLA_CAN_STATE);
  if (!state.empty()) found.state = words_of(record_in<std::uint32_t>(state));
  if (found.name.empty()) return std::nullopt;
  return found;
}

std::span<CanInterface> read_can_interfaces(std::span<CanInterface> into) {
  const Descriptor socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  const Query query;
  if (!socket || send(socket.number(), &query, sizeof query, 0) < 0) return into.first(0);
  std::size_t count = 0;
  alignas(nlmsghdr) std::array<std::byte, 32 * 1024> answer{};
  for (;;) {
    const ssize_t size = recv(socket.number(), answer.data(), answer.size(), 0);
    if (size <= 0) return into.first(count);
    Bytes left = Bytes{answer}.first(static_cast<std::size_t>(size));
    while (left.size() >= sizeof(nlmsghdr)) {
      const auto head = record_in<nlmsghdr>(left);
      if (head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR || head.nlmsg_len < sizeof head ||
          head.nlmsg_len > left.size())
        return into.first(count);
      const auto found = can_interface_in(left.first(head.nlmsg_len));
      if (found && count < into.size()) into[count++] = *found;
      left = left.subspan(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), left.size()));
    }
  }
}

}  // namespace signalbox::hal::kernel
