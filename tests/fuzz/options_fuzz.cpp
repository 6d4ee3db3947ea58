// The command line: one argument a line. What it says is taken, or refused in words.
#include <cstdint>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "base/check.hpp"
#include "fuzz/input.hpp"
#include "sim/fault_option.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace signalbox;
  fuzz::Input input{bytes, size};
  std::vector<std::string> lines;
  while (!input.is_empty()) lines.emplace_back(input.until('\n'));
  std::vector<const char*> words;
  words.reserve(lines.size());
  for (const std::string& line : lines) words.push_back(line.c_str());
  sim::Faults faults;
  const Result<void> planned = sim::take_fault_options(words, faults, Instant{});
  const Result<app::Options> options = planned ? app::parse_options(words) : planned.error();
  if (!options) {
    SIGNALBOX_CHECK(!options.error().detail.empty());
    return 0;
  }
  SIGNALBOX_CHECK(options->port <= 65535 && options->address != nullptr && options->state != nullptr);
  return 0;
}
