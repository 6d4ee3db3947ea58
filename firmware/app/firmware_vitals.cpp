#include "app/firmware_vitals.hpp"

#include "base/json_document.hpp"
#include "memory/heap_trap.hpp"
#include "protocol/number_text.hpp"

namespace signalbox::app {
namespace {

using protocol::MetricsWriter;

double figure(std::uint64_t count) { return static_cast<double>(count); }

double seconds(std::uint64_t us) { return static_cast<double>(us) / 1e6; }

}  // namespace

void FirmwareVitals::do_write(MetricsWriter& writer) const {
  write_pools(writer);
  write_life(writer);
  write_limits(writer);
  write_commands(writer);
  write_journal(writer);
  write_loop(writer);
  if (!memory::HeapTrap::is_linked()) return;
  writer.family("signalbox_heap_calls_total", "counter",
                "Calls of the C library's heap since the start: none.");
  writer.sample(figure(memory::HeapTrap::calls()));
}

template <typename Visit>
void FirmwareVitals::each_pool(Visit&& visit) const {
  session::SessionTable& sessions = machine_.sessions();
  visit("sessions", sessions.sessions_gauge());
  visit("connections", server_.connections());
  visit("frames", sessions.frames().gauge());
  visit("inboxes", sessions.inboxes().gauge());
  visit("subscription-groups", sessions.publisher().gauge());
  visit("commands", machine_.controller().gauge());
  visit("cut-record-bytes", server_.records().cut());
  visit("mbedtls-bytes", heaps_.tls().gauge());
  visit("libwebsockets-bytes", heaps_.lws().gauge());
  visit("json-values", JsonDocument::gauge());
}

void FirmwareVitals::write_pools(MetricsWriter& writer) const {
  writer.family("signalbox_pool_used", "gauge", "How much of a pool is in use; all memory is in pools.");
  each_pool([&](const char* pool, const PoolGauge& its) {
    writer.sample(figure(its.used), {{"pool", pool}});
  });
  writer.family("signalbox_pool_high_water", "gauge", "The most of it that was ever in use.");
  each_pool([&](const char* pool, const PoolGauge& its) {
    writer.sample(figure(its.high_water), {{"pool", pool}});
  });
  writer.family("signalbox_pool_capacity", "gauge", "How much there is of it.");
  each_pool([&](const char* pool, const PoolGauge& its) {
    writer.sample(figure(its.capacity), {{"pool", pool}});
  });
  writer.family("signalbox_pool_refused_total", "counter", "How often it was asked for more than was free.");
  each_pool([&](const char* pool, const PoolGauge& its) {
    writer.sample(figure(its.refused), {{"pool", pool}});
  });
}

void FirmwareVitals::write_life(MetricsWriter& writer) const {
  using session::Phase;
  const session::LifeCounts& life = machine_.sessions().life_counts();
  writer.family("signalbox_connections_total", "counter", "Connections that came.");
  writer.sample(figure(life.arrived()));
  writer.family("signalbox_connection_steps_total", "counter", "Steps in the lives of connections.");
  for (std::size_t from = 0; from < session::kPhases; ++from) {
    for (std::size_t to = from + 1; to < session::kPhases; ++to) {
      const auto before = static_cast<Phase>(from);
      const auto after = static_cast<Phase>(to);
      if (session::is_step(before, after))
        writer.sample(figure(life.steps(before, after)),
                      {{"from", session::wire_name(before)}, {"to", session::wire_name(after)}});
    }
  }
}

void FirmwareVitals::write_limits(MetricsWriter& writer) const {
  const link::Admission::Counts& counts = server_.admission().counts();
  const session::SessionTable& sessions = machine_.sessions();
  writer.family("signalbox_limits_met_total", "counter",
                "How often somebody met a limit, or was turned away.");
  const auto row = [&](const char* limit, std::uint64_t count) {
    writer.sample(figure(count), {{"limit", limit}});
  };
  row("connections-per-address", counts.too_many);
  row("handshakes-per-address", counts.too_fast);
  row("gave-way", counts.gave_way);
  row("handshake-timeout", counts.timed_out);
  row("record-timeout", server_.records().too_slow());
  row("no-descriptor", server_.shed());
  row("strays", server_.strays());
  row("wrong-credentials", sessions.logins().failures());
  row("logins-put-off", sessions.logins().put_off());
  row("wrong-claims", sessions.wrong_claims());
  row("requests-per-s", sessions.too_fast());
  row("bytes-per-s", sessions.reading_paused());
}

void FirmwareVitals::write_commands(MetricsWriter& writer) const {
  const session::CommandCounts& counts = machine_.sessions().command_counts();
  writer.family("signalbox_commands_total", "counter", "Commands and scenes that came to their end.");
  writer.sample(figure(counts.applied), {{"outcome", "applied"}});
  writer.sample(figure(counts.verified), {{"outcome", "verified"}});
  for (std::size_t i = 0; i < kReasons; ++i)
    writer.sample(figure(counts.failed[i]), {{"outcome", wire_name(static_cast<Reason>(i))}});
}

void FirmwareVitals::write_journal(MetricsWriter& writer) const {
  const journal::Journal& journal = machine_.journal();
  writer.family("signalbox_journal_records_total", "counter", "Records in the journal, of earlier runs too.");
  writer.sample(figure(journal.newest()));
  writer.family("signalbox_journal_committed_total", "counter", "Those of them that are on the disk.");
  writer.sample(figure(journal.committed()));
  writer.family("signalbox_journal_lost_total", "counter", "Records that the disk did not take in time.");
  writer.sample(figure(journal.counts().lost));
  writer.family("signalbox_journal_failures_total", "counter", "Failures of the journal's file.");
  writer.sample(figure(journal.counts().failures));
  writer.family("signalbox_journal_failing", "gauge", "1 while a power cut would cost records.");
  writer.sample(journal.is_troubled() ? 1 : 0);
}

void FirmwareVitals::write_loop(MetricsWriter& writer) const {
  constexpr unsigned kFirstBits = 3;
  constexpr unsigned kLastBits = 20;  // a second
  constexpr std::string_view kBucket = "_bucket";
  const Latencies& passes = server_.loop().passes();
  writer.family("signalbox_loop_pass_seconds", "histogram",
                "How long each pass of the event loop took: nobody is served meanwhile.");
  for (unsigned bits = kFirstBits; bits <= kLastBits; ++bits)
    writer.sample(kBucket, figure(passes.below_us(bits)),
                  {{"le", protocol::number_text(seconds(std::uint64_t{1} << bits))}});
  writer.sample(kBucket, figure(passes.count()), {{"le", "+Inf"}});
  writer.sample("_sum", seconds(passes.sum_us()));
  writer.sample("_count", figure(passes.count()));
}

}  // namespace signalbox::app
