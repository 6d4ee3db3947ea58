// The simulator: the whole firmware on real TLS, over simulated hardware and this machine's own readings.
#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <unistd.h>
#include <vector>

#include "app/link_storage.hpp"
#include "app/options.hpp"
#include "app/run.hpp"
#include "boards/bench/budget.hpp"
#include "boards/bench/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "hal/linux/addresses.hpp"
#include "hal/linux/append_log.hpp"
#include "hal/linux/clock.hpp"
#include "hal/linux/entropy.hpp"
#include "hal/linux/host.hpp"
#include "hal/linux/privileges.hpp"
#include "hal/linux/processor.hpp"
#include "hal/linux/sandbox.hpp"
#include "hal/linux/store.hpp"
#include "hal/linux/supervisor.hpp"
#include "machine/storage.hpp"
#include "sim/fault_option.hpp"
#include "sim/hal/platform.hpp"
#include "sim/world.hpp"

namespace {

using namespace signalbox;
using Storage = machine::Storage<boards::bench::budget>;

/// The journal's file and the one before it: some 10,000 records each.
constexpr std::uint64_t kJournalFileBytes = 4 * 1024 * 1024;

int simulate(const app::Options& options, sim::Faults& faults) {
  // What is made from here on belongs to that user.
  const Result<void> dropped =
      options.drop == nullptr || options.only_shows() ? Result<void>{} : hal::kernel::become(options.drop);
  if (!dropped) {
    std::fprintf(stderr, "signalbox: --drop: %s\n", dropped.error().detail.c_str());
    return 1;
  }
  hal::kernel::Store store;
  const Result<void> opened = options.only_shows() ? Result<void>{} : store.open(options.state);
  if (!opened) {
    std::fprintf(stderr, "signalbox: --state: %s\n", opened.error().detail.c_str());
    return 1;
  }
  hal::kernel::AppendLog journal;
  const Result<void> kept =
      options.only_shows() ? Result<void>{}
                           : journal.open(options.state, "journal", kJournalFileBytes, !options.no_sandbox);
  if (!kept) {
    std::fprintf(stderr, "signalbox: journal: %s\n", kept.error().detail.c_str());
    return 1;
  }
  store.save_by(journal.take_records_link());
  hal::kernel::Clock clock;
  hal::kernel::Entropy entropy;
  hal::kernel::Host host;
  hal::kernel::Supervisor supervisor;
  sim::World world;
  sim::Platform platform{world, faults, host};

  std::array<char, 64> host_name{};
  if (gethostname(host_name.data(), host_name.size() - 1) != 0) host_name[0] = '\0';
  std::array<hal::kernel::AddressText, 12> address_texts;
  std::array<std::string_view, address_texts.size()> addresses;
  const auto found = hal::kernel::read_addresses(address_texts);
  std::copy(found.begin(), found.end(), addresses.begin());
  return app::run({.options = options,
                   .budget = boards::bench::budget,
                   .memory = Storage::machine(),
                   .libraries = Storage::libraries(),
                   .link = app::LinkStorage<boards::bench::budget>::memory(),
                   .platform = platform,
                   .clock = clock,
                   .store = store,
                   .journal = journal,
                   .entropy = entropy,
                   .supervisor = supervisor,
                   .enter_sandbox = hal::kernel::enter_sandbox,
                   .catalogue = drivers::catalogue(),
                   .device_file = boards::bench::device_file,
                   .host_name = host_name.data(),
                   .addresses = std::span{addresses}.first(found.size()),
                   .aes_instructions = hal::kernel::has_aes_instructions(),
                   .on_terminal = isatty(STDOUT_FILENO) == 1,
                   .watch = "sim/watch"});
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<const char*> words{arguments + 1, arguments + count};
  sim::Faults faults;
  hal::kernel::Clock clock;
  const Result<void> planned = sim::take_fault_options(words, faults, clock.now());
  const Result<app::Options> options = planned ? app::parse_options(words) : planned.error();
  if (!options) {
    std::fprintf(stderr, "signalbox: %s\n", options.error().detail.c_str());
    return 2;
  }
  const int code = simulate(*options, faults);
  if (options->show_help) sim::print_fault_help(stdout);
  return code;
}
