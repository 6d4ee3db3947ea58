#pragma once

#include <csignal>
#include <cstdio>
#include <string_view>
#include <unistd.h>

#include "app/link_storage.hpp"
#include "app/run.hpp"
#include "drivers/catalogue.hpp"
#include "hal/linux/guardian.hpp"
#include "hal/linux/processor.hpp"
#include "hal/linux/program_pages.hpp"
#include "hal/linux/sandbox.hpp"
#include "hal/linux/system.hpp"
#include "machine/storage.hpp"
#include "web/page.hpp"

namespace signalbox::boards {

/// What every program does first: it becomes the process that serves. False where it cannot, which stderr
/// tells.
inline bool begin(const app::Options& options, hal::kernel::Guardian& guardian) {
  // Whoever started us may have ignored them: a hung process ends by the one, the other tells of those that
  // ended.
  sigset_t heard;
  sigemptyset(&heard);
  for (const int number : {SIGALRM, SIGCHLD}) {
    sigaddset(&heard, number);
    std::signal(number, SIG_DFL);
  }
  sigprocmask(SIG_UNBLOCK, &heard, nullptr);
  if (!options.supervise || options.only_shows()) return true;
  const Result<void> guarded = guardian.stand_guard();
  if (!guarded) std::fprintf(stderr, "signalbox: --supervise: %s\n", guarded.error().detail.c_str());
  return guarded.has_value();
}

/// What every program does once its hardware is there: serves with a board's sizes, on the machine below.
template <const Budget& kBudget>
int serve(const app::Options& options, hal::kernel::System& system, hal::Platform& platform,
          hal::Survey& survey, std::string_view device_file, std::string_view watch) {
  using Storage = machine::Storage<kBudget>;
  system.look();
  return app::run({.options = options,
                   .budget = kBudget,
                   .memory = Storage::machine(),
                   .libraries = Storage::libraries(),
                   .link = app::LinkStorage<kBudget>::memory(),
                   .platform = platform,
                   .clock = system.clock(),
                   .store = system.store(),
                   .journal = system.journal(),
                   .history = system.history(),
                   .entropy = system.entropy(),
                   .supervisor = system.supervisor(),
                   .enter_sandbox = hal::kernel::enter_sandbox,
                   .give_back_program_pages = hal::kernel::give_back_program_pages,
                   .survey = survey,
                   .catalogue = drivers::catalogue(),
                   .device_file = device_file,
                   .host_name = system.host_name(),
                   .addresses = system.addresses(),
                   .aes_instructions = hal::kernel::has_aes_instructions(),
                   .on_terminal = isatty(STDOUT_FILENO) == 1,
                   .page = web::page(),
                   .watch = watch});
}

}  // namespace signalbox::boards
