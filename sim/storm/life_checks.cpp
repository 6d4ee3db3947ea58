// What must hold at every step, in the quiet, and at the end of a life.
#include <algorithm>
#include <cmath>

#include "journal/verifier.hpp"
#include "sim/storm/life.hpp"
#include "sim/storm/written_history.hpp"

namespace signalbox::sim::storm {
namespace {

/// How long beyond its limit a session may live: sessions are looked at together, two late steps, the drain.
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

/// What earlier lives have written is back, as far as it is: with the values and times of then.
void Life::check_past() {
  const WrittenHistory written{past_, machine_.roster()};
  if (!written.wrong.empty()) trace_.fail("the history's log: %s", written.wrong.c_str());
  past_before_ = written.bytes;
  const telemetry::History& history = machine_.history();
  for (device::ChannelIndex i = 0; i < bench::kChannels; ++i) {
    auto next = written.samples[i].begin();
    for (std::size_t place = 0; place < history.of(i).size(); ++place) {
      const telemetry::History::Entry& entry = history.of(i)[place];
      if (!entry.was_read) continue;
      const auto is_it = [&](const WrittenHistory::Sample& sample) {
        return sample.value == entry.value && sample.quality == entry.quality && sample.was_read &&
               sample.unix_ms == to_ms(entry.taken_at.time_since_epoch());
      };
      next = std::find_if(next, written.samples[i].end(), is_it);
      if (next == written.samples[i].end())
        return trace_.fail("%s: a sample is back that was never written", bench::kPaths[i].data());
      ++next;
    }
  }
}

/// What this life has written is what it has sampled, and nothing of what it told to be written is missing
/// but what it says is.
void Life::check_written() {
  const WrittenHistory written{std::string_view{past_}.substr(past_before_), machine_.roster()};
  if (!written.wrong.empty()) return trace_.fail("the history's log: %s", written.wrong.c_str());
  const Chronicle& chronicle = witness_.chronicle;
  for (device::ChannelIndex i = 0; i < bench::kChannels; ++i) {
    const auto truth = chronicle.samples(i, chronicle.began(), ~std::uint64_t{0});
    auto next = truth.begin();
    for (const WrittenHistory::Sample& sample : written.samples[i]) {
      next = std::find_if(next, truth.end(), [&](const Chronicle::Taken& taken) {
        return taken.was_read == sample.was_read && (!taken.was_read || taken.value == sample.value) &&
               taken.quality == sample.quality && to_ms(taken.at.time_since_epoch()) == sample.monotonic_ms;
      });
      if (next == truth.end())
        return trace_.fail("%s: a sample was written that was never taken", bench::kPaths[i].data());
      ++next;
    }
    const std::size_t owed =
        chronicle.samples(i, chronicle.began(), machine_.history_log().written_until()).size();
    if (!written.lacks.test(i) && written.samples[i].size() < owed)
      return trace_.fail("%s: %zu samples were told to be written, %zu are", bench::kPaths[i].data(), owed,
                         written.samples[i].size());
  }
  const auto planned = faults_.planned();
  const bool is_disturbed = std::any_of(planned.begin(), planned.end(), [this](const Fault& fault) {
    return std::string_view{fault.target} == "history" && fault.until >= stopped_at_;
  });
  if (stopped_at_ != kNever && !is_disturbed && !written.ended)
    trace_.fail("stopped in order, and the history does not say so");
}

/// Whoever was told that a token is revoked was told what no power cut undoes.
void Life::check_tokens() {
  const std::string_view record = store_.records().find("tokens")->second;
  for (const std::string& id : witness_.revoked) {
    const std::size_t begins = record.find("\"id\":\"" + id);
    const std::string_view row =
        begins == record.npos ? "" : record.substr(begins, record.find('}', begins) - begins);
    if (row.find(R"("revoked":true)") == std::string_view::npos)
      trace_.fail("token %s was told to be revoked, and is not", id.c_str());
  }
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
