#include "app/firmware_vitals.hpp"

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

void FirmwareVitals::write_pools(MetricsWriter& writer) const {
  const auto each_pool = [this](auto&& visit) {
    figures_.each_pool(visit);
    visit("connections", figures_.server.connections());
  };
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
  writer.family("signalbox_connections_total", "counter", "Connections that came.");
  writer.sample(figure(figures_.machine.sessions().life_counts().arrived()));
  writer.family("signalbox_connection_steps_total", "counter", "Steps in the lives of connections.");
  figures_.each_step([&](std::string_view before, std::string_view after, std::uint64_t count) {
    writer.sample(figure(count), {{"from", before}, {"to", after}});
  });
}

void FirmwareVitals::write_limits(MetricsWriter& writer) const {
  writer.family("signalbox_limits_met_total", "counter",
                "How often somebody met a limit, or was turned away.");
  figures_.each_limit([&](const char* limit, std::uint64_t count) {
    writer.sample(figure(count), {{"limit", limit}});
  });
}

void FirmwareVitals::write_commands(MetricsWriter& writer) const {
  const session::CommandCounts& counts = figures_.machine.sessions().command_counts();
  writer.family("signalbox_commands_total", "counter", "Commands and scenes that came to their end.");
  writer.sample(figure(counts.applied), {{"outcome", "applied"}});
  writer.sample(figure(counts.verified), {{"outcome", "verified"}});
  for (std::size_t i = 0; i < kReasons; ++i)
    writer.sample(figure(counts.failed[i]), {{"outcome", wire_name(static_cast<Reason>(i))}});
}

void FirmwareVitals::write_journal(MetricsWriter& writer) const {
  const journal::Journal& journal = figures_.machine.journal();
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
  const Latencies& passes = figures_.server.loop().passes();
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
