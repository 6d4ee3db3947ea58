#include "app/report.hpp"

#include <cinttypes>

#include "base/json_document.hpp"
#include "memory/heap_trap.hpp"

namespace signalbox::app {
namespace {

void print(std::FILE* to, const char* pool, const PoolGauge& gauge) {
  std::fprintf(to, "pool %-20s used %zu high %zu of %zu refused %" PRIu64 "\n", pool, gauge.used,
               gauge.high_water, gauge.capacity, gauge.refused);
}

void print(std::FILE* to, const session::LifeCounts& life) {
  using session::Phase;
  std::fprintf(to, "life arrived %" PRIu64 "\n", life.arrived());
  for (std::size_t from = 0; from < session::kPhases; ++from) {
    for (std::size_t step = from + 1; step < session::kPhases; ++step) {
      const auto before = static_cast<Phase>(from);
      const auto after = static_cast<Phase>(step);
      if (!session::is_step(before, after)) continue;
      std::fprintf(to, "life %s-%s %" PRIu64 "\n", session::wire_name(before).data(),
                   session::wire_name(after).data(), life.steps(before, after));
    }
  }
}

void print(std::FILE* to, const journal::Journal& journal) {
  const journal::Journal::Counts counts = journal.counts();
  std::fprintf(to, "journal newest %" PRIu64 " committed %" PRIu64 " lost %" PRIu64 " failures %" PRIu64 "\n",
               journal.newest(), journal.committed(), counts.lost, counts.failures);
}

void print(std::FILE* to, const telemetry::HistoryLog::Counts& counts) {
  std::fprintf(to, "history pieces %" PRIu64 " bytes %" PRIu64 " thinned %" PRIu64 " failures %" PRIu64 "\n",
               counts.pieces, counts.bytes, counts.thinned, counts.failures);
}

/// Whom the limits met, since start.
void print(std::FILE* to, const session::SessionTable& sessions, const link::WsServer& server) {
  const link::Admission::Counts& counts = server.admission().counts();
  const auto row = [to](const char* what, std::uint64_t count) {
    std::fprintf(to, "met %s %" PRIu64 "\n", what, count);
  };
  row("connections-per-address", counts.too_many);
  row("handshakes-per-address", counts.too_fast);
  row("gave-way", counts.gave_way);
  row("handshake-timeout", counts.timed_out);
  row("record-timeout", server.records().too_slow());
  row("no-descriptor", server.shed());
  row("strays", server.strays());
  row("wrong-credentials", sessions.logins().failures());
  row("logins-put-off", sessions.logins().put_off());
  row("wrong-claims", sessions.wrong_claims());
  row("requests-per-s", sessions.too_fast());
  row("bytes-per-s", sessions.reading_paused());
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
  session::SessionTable& sessions = machine.sessions();
  print(to, "sessions", sessions.sessions_gauge());
  print(to, "frames", sessions.frames().gauge());
  print(to, "inboxes", sessions.inboxes().gauge());
  print(to, "subscription-groups", sessions.publisher().gauge());
  print(to, "commands", machine.controller().gauge());
  print(to, "cut-record-bytes", server.records().cut());
  print(to, "mbedtls-bytes", heaps.tls().gauge());
  print(to, "libwebsockets-bytes", heaps.lws().gauge());
  print(to, "json-values", JsonDocument::gauge());
  print(to, sessions.life_counts());
  print(to, machine.journal());
  print(to, machine.history_log().counts());
  print(to, machine.sessions(), server);
  print(to, server.loop().passes());
  if (memory::HeapTrap::is_linked()) {
    std::fprintf(to, "heap-calls %" PRIu64 "\n", memory::HeapTrap::calls());
  } else {
    std::fprintf(to, "heap-calls not counted in this build\n");
  }
  std::fflush(to);
}

}  // namespace signalbox::app
