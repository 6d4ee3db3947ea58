#include "link/descriptor_limit.hpp"

#include <algorithm>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/system_error.hpp"

namespace signalbox::link {
Result<void> DescriptorLimit::narrow(std::size_t further, std::size_t numbers_max) {
  const int next = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (next < 0) return system_error("socket");
  ::close(next);
  const std::size_t wanted = static_cast<std::size_t>(next) + further;
  if (wanted > numbers_max)
    return Error{.reason = Reason::overloaded,
                 .detail = format_text<95>("the loop's table has %zu places for descriptors, %zu are needed",
                                           numbers_max, wanted)};
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error("getrlimit");
  if (wanted > limit.rlim_max)
    return Error{
        .reason = Reason::overloaded,
        .detail = format_text<95>("%zu open files are needed, %zu allowed: raise LimitNOFILE or ulimit -n",
                                  wanted, static_cast<std::size_t>(limit.rlim_max))};
  wide_ = std::max(wanted, static_cast<std::size_t>(limit.rlim_cur));
  limit.rlim_cur = wanted;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error("setrlimit");
  narrowed_ = true;
  return {};
}

DescriptorLimit::~DescriptorLimit() {
  rlimit limit{};
  if (!narrowed_ || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(wide_, limit.rlim_max);
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace signalbox::link
