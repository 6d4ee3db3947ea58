// What must hold at every step, in the quiet, and at the end of a life.
#include <algorithm>
#include <cmath>

#include "journal/verifier.hpp"
#include "sim/storm/life.hpp"

namespace signalbox::sim::storm {
namespace {

/// How long beyond its limit a session may live: the sweep's period and two late steps, and the drain.
constexpr Duration kDeadSlack = from_ms(100) + 2 * Witness::kLateMax + from_ms(2100);

}  // namespace

/// Whether a fault keeps the outputs from doing as they are told.
bool Life::is_disturbed() const {
  const auto planned = faults_.planned();
  return std::any_of(planned.begin(), planned.end(), [this](const Fault& fault) {
    const std::string_view target = fault.target;
    return (target == "heater" || target == "fan") && fault.until + from_ms(1500) >= now_;
  });
}

void Life::check_pools() {
  session::SessionTable& sessions = machine_.sessions();
  const auto holds = [&](const PoolGauge& gauge, const char* pool) {
    if (gauge.used > gauge.capacity || gauge.high_water > gauge.capacity || gauge.used > gauge.high_water)
      trace_.fail("pool %s: %zu of %zu in use, at most %zu", pool, gauge.used, gauge.capacity,
                  gauge.high_water);
  };
  holds(sessions.sessions_gauge(), "sessions");
  holds(sessions.frames().gauge(), "frames");
  holds(sessions.inboxes().gauge(), "inboxes");
  holds(sessions.publisher().gauge(), "groups");
  holds(machine_.controller().gauge(), "commands");
  if (sessions.holders() != sessions.frames().holders())
    trace_.fail("sessions hold %zu frames, the pool counts %zu", sessions.holders(),
                sessions.frames().holders());
  if (sessions.count() != wire_.open_count())
    trace_.fail("%zu sessions for %zu connections", sessions.count(), wire_.open_count());
  if (sessions.inboxes().gauge().used > wire_.incomplete_count())
    trace_.fail("%zu inboxes for %zu incomplete messages", sessions.inboxes().gauge().used,
                wire_.incomplete_count());
  const Instant dead_since = wire_.dead_since(limits_.bytes_per_s);
  if (dead_since != kNever && now_ - dead_since > from_ms(limits_.dead_after_ms) + kDeadSlack)
    trace_.fail("a dead peer still has its session after %lld ms",
                static_cast<long long>(to_ms(now_ - dead_since)));
}

/// Whatever happened, each whole line proves itself and follows the one before.
void Life::check_journal() {
  journal::Verifier verifier;
  std::string_view rest = disk_;
  for (std::size_t feed = rest.find('\n'); feed != std::string_view::npos; feed = rest.find('\n')) {
    const Result<void> taken = verifier.take(rest.substr(0, feed));
    if (!taken)
      return trace_.fail("journal, after line %llu: %s: %s",
                         static_cast<unsigned long long>(verifier.proven()), taken.error().field.c_str(),
                         taken.error().detail.c_str());
    rest.remove_prefix(feed + 1);
  }
  const journal::Journal& journal = machine_.journal();
  if (verifier.last() < journal.committed())
    trace_.fail("the journal committed %llu records, the disk has %llu",
                static_cast<unsigned long long>(journal.committed()),
                static_cast<unsigned long long>(verifier.last()));
}

void Life::check_quiet() {
  for (const auto& client : clients_) {
    if (!client->listens()) continue;
    client->book().check_answered();
    client->book().check_current(now_);
    client->book().check_tallies(now_);
  }
}

void Life::check_safe() {
  const auto planned = faults_.planned();
  const bool disturbed = std::any_of(planned.begin(), planned.end(), [this](const Fault& fault) {
    const std::string_view target = fault.target;
    return (target == "heater" || target == "fan") && fault.until >= stopped_at_;
  });
  const double heater = recorder_.level(Output::heater);
  const double fan = recorder_.level(Output::fan);
  if (recorder_.level(Output::lamp) != 0.0) trace_.fail("stopped with the lamp on");
  if (!disturbed && (heater != 0.0 || std::abs(fan - bench::kFanSafe) > 1e-9))
    trace_.fail("stopped with the heater at %g and the fan at %g", heater, fan);
}

void Life::check_base_line() {
  session::SessionTable& sessions = machine_.sessions();
  const auto empty = [&](const PoolGauge& gauge, const char* pool) {
    if (gauge.used != 0) trace_.fail("%zu %s still in use at the end", gauge.used, pool);
  };
  empty(sessions.sessions_gauge(), "sessions");
  empty(sessions.frames().gauge(), "frames");
  empty(sessions.inboxes().gauge(), "inboxes");
  empty(sessions.publisher().gauge(), "groups");
  empty(machine_.controller().gauge(), "commands");
  const session::LifeCounts& life = sessions.life_counts();
  std::uint64_t closed = 0;
  for (std::size_t phase = 0; phase < session::kPhases; ++phase)
    closed += life.steps(static_cast<session::Phase>(phase), session::Phase::closed);
  if (closed != life.arrived())
    trace_.fail("%llu connections arrived, %llu closed", static_cast<unsigned long long>(life.arrived()),
                static_cast<unsigned long long>(closed));
}

}  // namespace signalbox::sim::storm
