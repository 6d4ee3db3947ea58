// The load that all servers of the benchmark get: clients of one thread over TLS 1.3, told what to do by
// lines on standard input, so that many may stand ready at once and be measured in turns. See options.hpp for
// the options.
//   ready                 printed once all connections stand
//   run SECONDS [COUNT]   measure; so many messages and no more, and silent for what is left of the time
// Each run is answered by a line of JSON. The end of the input ends the program.
#include <cstdio>
#include <exception>

#include "load.hpp"
#include "options.hpp"

int main(int count, char** words) try {
  bench::Load load{bench::read_options(count, words)};
  load.serve();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "load: error: %s\n", error.what());
  return 1;
}
