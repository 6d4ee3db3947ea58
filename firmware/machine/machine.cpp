#include "machine/machine.hpp"

#include <algorithm>

namespace signalbox::machine {

Machine::Machine(const Memory& memory, hal::Platform& platform, const trust::Tokens& tokens,
                 const protocol::Limits& limits, std::string_view epoch)
    : platform_{platform},
      limits_{limits},
      roster_{memory.channels, memory.parts},
      values_{memory.latest},
      context_{roster_, values_, limits_, clock_, epoch, SIGNALBOX_VERSION},
      sampler_{roster_, values_, platform.ports().simulated},
      sessions_{context_, memory.sessions, controller_, tokens},
      controller_{roster_, values_, memory.commands, sessions_} {}

Instant Machine::step(Instant now, WallTime wall) {
  clock_ = {now, wall};
  platform_.poll(now);
  Instant next = sampler_.step(now);
  next = std::min(next, controller_.step(now));
  if (stopping_) outputs_safe_ = controller_.make_safe(now);
  next = std::min(next, sessions_.step(now));
  return std::min(next, platform_.next());  // asked last: the steps above submit
}

void Machine::stop(std::string_view reason, Instant now) {
  stopping_ = true;
  outputs_safe_ = controller_.make_safe(now);
  constexpr std::uint32_t kRestart_ms = 2000;
  sessions_.drain_all(reason, kRestart_ms, now);
}

}  // namespace signalbox::machine
