#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "app/link_storage.hpp"
#include "app/options.hpp"
#include "budget/budget.hpp"
#include "device/part_kind.hpp"
#include "hal/append_log.hpp"
#include "hal/clock.hpp"
#include "hal/entropy.hpp"
#include "hal/platform.hpp"
#include "hal/sandbox.hpp"
#include "hal/store.hpp"
#include "hal/supervisor.hpp"
#include "hal/survey.hpp"
#include "link/page.hpp"
#include "machine/ledger.hpp"
#include "machine/machine.hpp"

namespace signalbox::app {

/// What a root brings: a board's sizes and memory, the hardware, and what the person asked for.
struct Firmware {
  const Options& options;
  const Budget& budget;
  machine::Machine::Memory memory;
  machine::LibraryMemory libraries;
  LinkMemory link;
  hal::Platform& platform;
  hal::Clock& clock;
  hal::Store& store;
  hal::AppendLog& journal;
  hal::AppendLog& history;
  hal::Entropy& entropy;
  hal::Supervisor& supervisor;
  hal::EnterSandbox enter_sandbox;
  /// Takes code and constants out of memory until they are used again.
  void (*give_back_program_pages)();
  hal::Survey& survey;
  device::Catalogue catalogue;
  std::string_view device_file;  ///< the board's own
  std::string_view host_name;    ///< for the certificate; may be empty
  /// By which other machines reach this one, for the certificate where it listens on all of them.
  std::span<const std::string_view> addresses;
  bool aes_instructions = true;  ///< whether the processor has them
  /// Whether what is printed goes to a person alone, not to a log; secrets of the start are printed then.
  bool on_terminal = false;
  std::span<const link::Asset> page;  ///< for browsers; empty where it was not built
  std::string_view watch;             ///< a program that shows live telemetry; may be empty
};

}  // namespace signalbox::app
