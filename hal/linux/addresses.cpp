#include "hal/linux/addresses.hpp"

#include <arpa/inet.h>
#include <array>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace signalbox::hal::kernel {
namespace {

/// Empty where others do not reach it.
AddressText text_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto& ipv4 = *reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
  } else {
    const auto& ipv6 = *reinterpret_cast<const sockaddr_in6*>(address);
    if (!IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr))
      inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

}  // namespace

std::span<AddressText> read_addresses(std::span<AddressText> into) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return into.first(0);
  std::size_t count = 0;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const ifaddrs* each = all; each != nullptr && count < into.size(); each = each->ifa_next) {
      const bool is_one = each->ifa_addr != nullptr && each->ifa_addr->sa_family == family &&
                          (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0;
      if (is_one) into[count] = text_of(each->ifa_addr);
      if (is_one && !into[count].empty()) ++count;
    }
  }
  freeifaddrs(all);
  return into.first(count);
}

}  // namespace signalbox::hal::kernel
