// The simulator: the whole firmware on real TLS, over simulated hardware and this machine's own readings.
#include <array>
#include <cstdio>
#include <span>
#include <unistd.h>

#include "app/link_storage.hpp"
#include "app/options.hpp"
#include "app/run.hpp"
#include "boards/bench/budget.hpp"
#include "boards/bench/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "hal/linux/clock.hpp"
#include "hal/linux/entropy.hpp"
#include "hal/linux/host.hpp"
#include "hal/linux/store.hpp"
#include "machine/storage.hpp"
#include "sim/faults.hpp"
#include "sim/hal/platform.hpp"
#include "sim/world.hpp"

namespace {

using namespace signalbox;
using Storage = machine::Storage<boards::bench::budget>;

/// The line that shows live telemetry of this very device.
FixedText<255> watch_line(const app::Options& options) {
  const bool usual = options.port == app::Options{}.port;
  if (usual) return format_text<255>("sim/watch --state %s", options.state);
  return format_text<255>("sim/watch wss://localhost:%u/v1/ws --state %s", options.port, options.state);
}

int simulate(const app::Options& options) {
  hal::kernel::Store store;
  const Result<void> opened = store.open(options.state);
  if (!opened) {
    std::fprintf(stderr, "signalbox: --state: %s\n", opened.error().detail.c_str());
    return 1;
  }
  hal::kernel::Clock clock;
  hal::kernel::Entropy entropy;
  hal::kernel::Host host;
  sim::World world;
  sim::Faults faults;
  sim::Platform platform{world, faults, host};

  std::array<char, 64> host_name{};
  if (gethostname(host_name.data(), host_name.size() - 1) != 0) host_name[0] = '\0';
  const FixedText<255> hint = watch_line(options);
  return app::run({.options = options,
                   .budget = boards::bench::budget,
                   .memory = Storage::machine(),
                   .libraries = Storage::libraries(),
                   .link = app::LinkStorage<boards::bench::budget>::memory(),
                   .platform = platform,
                   .clock = clock,
                   .store = store,
                   .entropy = entropy,
                   .catalogue = drivers::catalogue(),
                   .device_file = boards::bench::device_file,
                   .host_name = host_name.data(),
                   .hint = hint});
}

}  // namespace

int main(int count, char** arguments) {
  const Result<app::Options> options =
      app::parse_options({arguments + 1, static_cast<std::size_t>(count - 1)});
  if (!options) {
    std::fprintf(stderr, "signalbox: %s\n", options.error().detail.c_str());
    return 2;
  }
  return simulate(*options);
}
