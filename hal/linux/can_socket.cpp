#include "hal/linux/can_socket.hpp"

#include <algorithm>
#include <asm/socket.h>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <linux/time_types.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/check.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

/// More than one process of ours listens to.
constexpr std::size_t kFiltersMax = 32;

Error why_no_can(int error_number) {
  if (error_number == EAFNOSUPPORT || error_number == EPROTONOSUPPORT)
    return {Reason::failed,
            "this kernel speaks no CAN (its modules: can, can-raw), or the unit forbids it (AF_CAN)"};
  return {Reason::failed, error_words(error_number)};
}

/// By whom it is asked for on the bus: exactly that frame, and no remote one.
can_filter filter_of(const CanId& id) {
  const canid_t bits = id.is_extended ? CAN_EFF_FLAG | CAN_EFF_MASK : CAN_EFF_FLAG | CAN_SFF_MASK;
  return {.can_id = id.number | (id.is_extended ? CAN_EFF_FLAG : 0), .can_mask = bits | CAN_RTR_FLAG};
}

/// The interface of that name, to ask for; the name fits.
ifreq named(std::string_view interface) {
  ifreq made{};
  std::copy(interface.begin(), interface.end(), made.ifr_name);
  return made;
}

/// Since the moment that the kernel put on the record; 0 where it put none.
Duration age_of(msghdr& message) {
  for (const cmsghdr* its = CMSG_FIRSTHDR(&message); its != nullptr;
       its = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(its))) {
    if (its->cmsg_level != SOL_SOCKET || its->cmsg_type != SO_TIMESTAMPNS_NEW) continue;
    __kernel_timespec at{};
    std::memcpy(&at, CMSG_DATA(its), sizeof at);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const auto age = std::chrono::seconds{now.tv_sec - at.tv_sec} +
                     std::chrono::nanoseconds{static_cast<std::int64_t>(now.tv_nsec) - at.tv_nsec};
    return std::max(std::chrono::duration_cast<Duration>(age), Duration{});
  }
  return {};
}

}  // namespace

CanState state_after(const can_frame& error, CanState before) {
  if ((error.can_id & CAN_ERR_BUSOFF) != 0) return CanState::off;
  if ((error.can_id & CAN_ERR_RESTARTED) != 0) return CanState::active;
  if ((error.can_id & CAN_ERR_CRTL) == 0) return before;
  const unsigned controller = error.data[1];
  if ((controller & (CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE)) != 0) return CanState::passive;
  constexpr unsigned kBelow = CAN_ERR_CRTL_ACTIVE | CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING;
  return (controller & kBelow) != 0 ? CanState::active : before;
}

Result<CanSocket> CanSocket::open(std::string_view interface) {
  Descriptor socket{::socket(AF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW)};
  if (!socket) return why_no_can(errno);
  if (!is_can_interface(interface)) return Error{Reason::failed, "no interface can have that name"};
  ifreq its = named(interface);
  if (ioctl(socket.number(), SIOCGIFINDEX, &its) != 0)
    return Error{Reason::not_found, "there is no interface of that name"};
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = its.ifr_ifindex;
  if (ioctl(socket.number(), SIOCGIFFLAGS, &its) != 0) return why_no_can(errno);
  const int flags = its.ifr_flags;
  CanSocket made{std::move(socket)};
  constexpr can_err_mask_t kErrors = CAN_ERR_CRTL | CAN_ERR_BUSOFF | CAN_ERR_RESTARTED;
  const int number = made.socket_.number();
  if (!made.want({}) || setsockopt(number, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &kErrors, sizeof kErrors) != 0)
    return why_no_can(errno);
  if (bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno == ENODEV ? Error{Reason::failed, "it is no CAN interface"} : why_no_can(errno);
  if ((flags & IFF_UP) == 0)
    return Error{Reason::not_found,
                 format_text<95>("it is down: ip link set %s up type can bitrate 500000 (vcan: only up)",
                                 its.ifr_name)};
  return made;
}

bool CanSocket::has_carrier(std::string_view interface) {
  if (has_carrier_) return true;
  ifreq its = named(interface);
  has_carrier_ = ioctl(socket_.number(), SIOCGIFFLAGS, &its) == 0 && (its.ifr_flags & IFF_RUNNING) != 0;
  return has_carrier_;
}

CanSocket::CanSocket(Descriptor socket) : socket_{std::move(socket)} {
  const int on = 1;
  (void)setsockopt(socket_.number(), SOL_SOCKET, SO_TIMESTAMPNS_NEW, &on, sizeof on);
}

bool CanSocket::want(std::span<const CanId> ids) const {
  SIGNALBOX_CHECK(ids.size() <= kFiltersMax);
  std::array<can_filter, kFiltersMax> filters{};
  std::transform(ids.begin(), ids.end(), filters.begin(), filter_of);
  return setsockopt(socket_.number(), SOL_CAN_RAW, CAN_RAW_FILTER, filters.data(),
                    static_cast<socklen_t>(ids.size() * sizeof(can_filter))) == 0;
}

CanSocket::Heard CanSocket::receive(Frame& into) {
  for (;;) {
    can_frame frame{};
    iovec place{.iov_base = &frame, .iov_len = sizeof frame};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(__kernel_timespec))> extras{};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = extras.data();
    message.msg_controllen = extras.size();
    const ssize_t size = recvmsg(socket_.number(), &message, MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? Heard::nothing : Heard::gone;
    if (size != static_cast<ssize_t>(sizeof frame)) continue;  // of CAN FD, which nobody asked for
    if ((frame.can_id & CAN_ERR_FLAG) != 0) {
      state_ = state_after(frame, state_);
      continue;
    }
    if (state_ == CanState::off) state_ = CanState::active;
    const bool is_extended = (frame.can_id & CAN_EFF_FLAG) != 0;
    into.id = {.number = frame.can_id & (is_extended ? CAN_EFF_MASK : CAN_SFF_MASK),
               .is_extended = is_extended};
    std::copy(std::begin(frame.data), std::end(frame.data), into.bytes.begin());
    into.size = std::min(frame.can_dlc, static_cast<std::uint8_t>(into.bytes.size()));
    into.age = age_of(message);
    return Heard::frame;
  }
}

}  // namespace signalbox::hal::kernel
