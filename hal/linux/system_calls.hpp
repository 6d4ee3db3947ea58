#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.hpp"

namespace signalbox::hal::kernel {

/// The processes that have a filter of their own.
enum class Process : std::uint16_t {
  loop = 1,     ///< speaks to the network
  watcher = 2,  ///< of the journal: makes another writer where one dies
  writer = 4,   ///< of the journal
  port_watcher = 8,
  port = 16,  ///< holds devices
  attribute_watcher = 32,
  attribute = 64,  ///< reads what the kernel's drivers publish
  pwm_watcher = 128,
  pwm = 256,  ///< holds PWM outputs
  serial_watcher = 512,
  serial = 1024,  ///< holds serial ports
  can_watcher = 2048,
  can = 4096,  ///< listens on CAN interfaces
};

/// How many calls that process may make after restrict_system_calls().
std::size_t system_calls_of(Process process);

/// From now on this process, and those it makes, can make the calls of its list and no others. One that is
/// not on it writes a line and ends the process by SIGSYS. An error in a refused call would be an answer to
/// somebody who looks for a way out, and would lead our own code on paths nobody has tried; whoever started
/// the process starts it again, outputs are safe meanwhile. Needs no_new_privs. True where the filter is in
/// force, false where this kernel has none.
Result<bool> restrict_system_calls(Process process);

}  // namespace signalbox::hal::kernel
