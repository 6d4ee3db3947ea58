#include "hal/linux/supervisor.hpp"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fixed_text.hpp"
#include "base/log.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

std::optional<std::int64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits{text};
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// A path, or `@` and a name without a file.
Descriptor connect_to(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    errno = EINVAL;
    return {};
  }
  name.copy(address.sun_path, name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (!socket || connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return socket;
}

}  // namespace

Supervisor::Supervisor() {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr) return;
  socket_ = connect_to(name);
  if (!socket_) {
    log(Severity::warning, "NOTIFY_SOCKET %s: %s: nobody is told how it goes", name, error_words(errno));
    return;
  }
  const std::int64_t process = number_in("WATCHDOG_PID").value_or(getpid());
  const std::int64_t patience_us = number_in("WATCHDOG_USEC").value_or(0);
  if (process == getpid() && patience_us > 0) patience_ = Duration{std::chrono::microseconds{patience_us}};
}

void Supervisor::do_tell(State state, Instant now) {
  if (!socket_) return;
  FixedText<63> text;
  switch (state) {
    case State::ready: text = "READY=1"; break;
    case State::stopping: text = "STOPPING=1"; break;
    case State::alive: text = "WATCHDOG=1"; break;
    case State::reloading:
      text = format_text<63>("RELOADING=1\nMONOTONIC_USEC=%lld",
                             static_cast<long long>(now.time_since_epoch().count()));
  }
  // One that takes nothing now hears the next; it waits for several.
  (void)send(socket_.number(), text.c_str(), text.size(), MSG_NOSIGNAL);
}

}  // namespace signalbox::hal::kernel
