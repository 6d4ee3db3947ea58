// signalbox-storm: runs seeds until an invariant breaks, and then says which, when and after what.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/storm/storm.hpp"

namespace {

using signalbox::sim::storm::Sabotage;
using signalbox::sim::storm::Trace;

constexpr const char* kUsage =
    "usage: signalbox-storm [--seed N [--trace]] [--seeds FIRST..LAST [--go-on]]\n"
    "  --seed N           runs one seed; with --trace shows every line\n"
    "  --seeds A..B       runs all of them, 1..1000 by default; ends at the first that breaks an invariant\n"
    "  --go-on            runs the rest as well and lists what breaks\n"
    "The tests run 1..20000. A million, on two cores:\n"
    "  nice signalbox-storm --seeds 1..500000 & nice signalbox-storm --seeds 500001..1000000; wait\n";

struct Wish {
  std::uint64_t first = 1;
  std::uint64_t last = 1000;
  bool shown = false;
  bool goes_on = false;
};

const Trace* current = nullptr;
std::uint64_t current_seed = 0;

/// A check inside the firmware stops the process; that is a find like any other, so the seed is told.
void on_abort(int) {
  std::fprintf(stderr, "seed %llu: the firmware stopped itself\n",
               static_cast<unsigned long long>(current_seed));
  if (current != nullptr) current->print(stderr);
  std::_Exit(1);
}

bool parse(int count, char** arguments, Wish& wish) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    if (name == "--trace") {
      wish.shown = true;
    } else if (name == "--go-on") {
      wish.goes_on = true;
    } else if ((name == "--seed" || name == "--seeds") && i + 1 < count) {
      const std::string value = arguments[++i];
      const std::size_t dots = value.find("..");
      wish.first = std::strtoull(value.c_str(), nullptr, 10);
      wish.last =
          dots == std::string::npos ? wish.first : std::strtoull(value.c_str() + dots + 2, nullptr, 10);
      if (wish.last < wish.first) return false;
    } else {
      return false;
    }
  }
  return true;
}

/// Runs its seeds; how the process is to end.
int run_seeds(const Wish& wish) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t broken = 0;
  std::uint64_t hash = 0;
  for (std::uint64_t seed = wish.first; seed <= wish.last; ++seed) {
    Trace trace{wish.shown};
    current = &trace;
    current_seed = seed;
    signalbox::sim::storm::run(seed, Sabotage::none, trace);
    hash ^= trace.hash() * (2 * seed + 1);
    if (!trace.failed()) continue;
    ++broken;
    if (wish.goes_on) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), trace.broken().c_str());
      continue;
    }
    std::fprintf(stderr, "seed %llu breaks an invariant; ", static_cast<unsigned long long>(seed));
    trace.print(stderr);
    return 1;
  }
  const unsigned long long seeds = wish.last - wish.first + 1;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("from %llu: %llu seeds, %llu broken, %.1f s, trace %016llx\n",
              static_cast<unsigned long long>(wish.first), seeds, static_cast<unsigned long long>(broken),
              took.count(), static_cast<unsigned long long>(hash));
  return broken == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  Wish wish;
  if (!parse(count, arguments, wish)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  return run_seeds(wish);
}
