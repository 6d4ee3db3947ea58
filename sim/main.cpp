// The simulator: the whole firmware on real TLS, over simulated hardware and this machine's own readings.
#include <cstdio>
#include <vector>

#include "app/options.hpp"
#include "boards/bench/budget.hpp"
#include "boards/bench/device_file.hpp"
#include "boards/root.hpp"
#include "hal/linux/host.hpp"
#include "sim/fault_option.hpp"
#include "sim/hal/platform.hpp"
#include "sim/world.hpp"

namespace {

using namespace signalbox;

int simulate(const app::Options& options, sim::Faults& faults) {
  hal::kernel::Guardian guardian;
  if (!boards::begin(options, guardian)) return 1;
  hal::kernel::System system;
  const Result<void> opened =
      options.only_shows() ? Result<void>{} : system.open(options.state, options.drop, !options.no_sandbox);
  if (!opened) {
    std::fprintf(stderr, "signalbox: %s: %s\n", opened.error().field.c_str(), opened.error().detail.c_str());
    return 1;
  }
  hal::kernel::Host host;
  sim::World world;
  // At once: else each reading of a line would be one more wake of a loop that has nothing else to do.
  sim::Platform platform{world, faults, host, Duration{}};
  return boards::serve<boards::bench::budget>(options, system, platform, platform.survey(),
                                              boards::bench::device_file, "sim/watch");
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
