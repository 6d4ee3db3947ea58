#include "app/report.hpp"

#include <cinttypes>

#include "app/figures.hpp"
#include "memory/heap_trap.hpp"

namespace signalbox::app {
namespace {

void print(std::FILE* to, const journal::Journal& journal) {
  const journal::Journal::Counts counts = journal.counts();
  std::fprintf(to, "journal newest %" PRIu64 " committed %" PRIu64 " lost %" PRIu64 " failures %" PRIu64 "\n",
               journal.newest(), journal.committed(), counts.lost, counts.failures);
}

void print(std::FILE* to, const telemetry::HistoryLog::Counts& counts) {
  std::fprintf(to, "history pieces %" PRIu64 " bytes %" PRIu64 " thinned %" PRIu64 " failures %" PRIu64 "\n",
               counts.pieces, counts.bytes, counts.thinned, counts.failures);
}

/// Of the loop, in microseconds.
void print(std::FILE* to, const Latencies& passes) {
  std::fprintf(to,
               "passes %" PRIu64 " p50-us %" PRIu64 " p99-us %" PRIu64 " p99.99-us %" PRIu64
               " longest-us %" PRIu64 "\n",
               passes.count(), passes.quantile_us(0.5), passes.quantile_us(0.99), passes.quantile_us(0.9999),
               passes.longest_us());
}

}  // namespace

void print_report(std::FILE* to, machine::Machine& machine, const link::WsServer& server,
                  const memory::LibraryHeaps& heaps) {
  const Figures figures{machine, server, heaps};
  figures.each_pool([to](const char* pool, const PoolGauge& its) {
    std::fprintf(to, "pool %-20s used %zu high %zu of %zu refused %" PRIu64 "\n", pool, its.used,
                 its.high_water, its.capacity, its.refused);
  });
  std::fprintf(to, "life arrived %" PRIu64 "\n", machine.sessions().life_counts().arrived());
  figures.each_step([to](std::string_view before, std::string_view after, std::uint64_t count) {
    std::fprintf(to, "life %.*s-%.*s %" PRIu64 "\n", length(before), before.data(), length(after),
                 after.data(), count);
  });
  print(to, machine.journal());
  print(to, machine.history_log().counts());
  figures.each_limit([to](const char* limit, std::uint64_t count) {
    std::fprintf(to, "met %s %" PRIu64 "\n", limit, count);
  });
  print(to, server.loop().passes());
  if (memory::HeapTrap::is_linked()) {
    std::fprintf(to, "heap-calls %" PRIu64 "\n", memory::HeapTrap::calls());
  } else {
    std::fprintf(to, "heap-calls not counted in this build\n");
  }
  std::fflush(to);
}

}  // namespace signalbox::app
