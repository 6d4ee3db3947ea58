// A board: the whole firmware on the buses and lines of the machine that it runs on. One program for each
// board, which differ in their sizes and in their own device file.
#include <cstdio>
#include <vector>

#include "app/options.hpp"
#include "boards/board.hpp"
#include "boards/root.hpp"
#include "hal/linux/platform.hpp"
#include "hal/linux/survey.hpp"

int main(int count, char** arguments) {
  using namespace signalbox;
  const std::vector<const char*> words{arguments + 1, arguments + count};
  const Result<app::Options> options = app::parse_options(words);
  if (!options) {
    std::fprintf(stderr, "signalbox: %s\n", options.error().detail.c_str());
    return 2;
  }
  hal::kernel::Guardian guardian;
  if (!boards::begin(*options, guardian)) return 1;
  hal::kernel::System system;
  hal::kernel::Platform platform;
  hal::kernel::Survey survey;
  Result<void> opened;
  if (!options->only_shows()) {
    // First, while the rights are there: who is dropped to needs none to any device.
    opened = platform.open(!options->no_sandbox);
    if (opened) opened = system.open(options->state, options->drop, !options->no_sandbox);
  }
  if (!opened) {
    std::fprintf(stderr, "signalbox: %s: %s\n", opened.error().field.c_str(), opened.error().detail.c_str());
    return 1;
  }
  return boards::serve<boards::board::budget>(*options, system, platform, survey, boards::board::device_file,
                                              {});
}
