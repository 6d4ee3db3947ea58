#include "sim/storm/life.hpp"

#include <algorithm>
#include <cmath>

#include "journal/verifier.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/store.hpp"

namespace signalbox::sim::storm {
namespace {

/// What slow readers had to hold back may take long to come through.
constexpr Duration kBacklogMax = from_ms(20'000);
/// Long enough after the last word for every answer to come.
constexpr Duration kQuiet = from_ms(1900);
/// The longest a stop may take: goodbyes drain for two seconds, the journal may take one more.
constexpr Duration kStopMax = from_ms(4000);
/// How long beyond its limit a session may live: the sweep's period and two late steps, and the drain.
constexpr Duration kDeadSlack = from_ms(100) + 2 * Witness::kLateMax + from_ms(2100);
constexpr unsigned kStepsAtOnceMax = 1000;

Duration some_ms(Dice& dice, std::uint64_t max) {
  return from_ms(static_cast<std::int64_t>(dice.below(max)));
}

}  // namespace

const trust::Tokens& Life::tokens() {
  static const trust::Tokens made = [] {
    Faults no_faults;
    Store store{no_faults};
    Entropy entropy{1};
    trust::Tokens tokens;
    SIGNALBOX_CHECK(tokens.open(store, entropy).has_value());
    return tokens;
  }();
  return made;
}

Life::Life(const Plan& plan, Trace& trace, Dice dice)
    : trace_{trace},
      dice_{dice},
      now_{plan.begins},
      end_{static_cast<End>(std::array{0, 0, 1, 1, 2}[dice_.below(5)])},
      lateness_{std::array{0.0, 0.01, 0.1}[dice_.below(3)]},
      wall_jumps_at_{dice_.chance(0.2) ? plan.begins + some_ms(dice_, 2000) : kNever},
      wall_jump_ms_{static_cast<std::int64_t>(dice_.below(20'000)) - 10'000},
      active_until_{plan.begins + from_ms(800) + some_ms(dice_, 1700)},
      faults_{dice_.next()},
      clock_{plan.begins},
      disk_{plan.disk},
      limits_{limits_of(plan.size)},
      machine_{memory_of(plan.size), recorder_, tokens(), limits_, plan.epoch},
      witness_{trace, machine_, recorder_, faults_, limits_, plan.epoch, plan.guarded},
      safety_{trace, machine_, recorder_},
      door_{machine_.door(), plan.sabotage},
      wire_{door_, trace, dice_, std::array<std::size_t, 2>{2048, 700}[dice_.below(2)]},
      machine_next_{plan.begins},
      guarded_{plan.guarded} {
  if (plan.sabotage == Sabotage::late_relay) recorder_.lie(Recorder::Lie::late_relay);
  if (plan.sabotage == Sabotage::deaf_relay) recorder_.lie(Recorder::Lie::deaf_relay);
  faults_.scatter(sim::Platform::kFaultTargets, now_, active_until_, dice_.below(9), from_ms(1000));
  faults_.scatter(AppendLog::kFaultTargets, now_ + from_ms(1), active_until_, dice_.below(3), from_ms(1000));
  platform_.poll(now_);
  log_.poll(now_);
  const Result<void> kept = machine_.keep_journal(log_, wall(now_));
  if (!kept) trace_.fail("no journal: %s", kept.error().detail.c_str());
  bench::declare(machine_.roster(), plan.guarded);
  machine_.connect(wire_);
  const Result<void> started = machine_.start(now_);
  if (!started) trace_.fail("the machine does not start: %s", started.error().detail.c_str());
  witness_.began_stopped = machine_.controller().is_stopped();
  roll_clients(plan);
  trace_.line("life %s begins, size %d, ends %d, lateness %g, %zu clients, %zu faults", plan.epoch.c_str(),
              static_cast<int>(plan.size), static_cast<int>(end_), lateness_, clients_.size(),
              faults_.planned().size());
}

void Life::roll_clients(const Plan& plan) {
  const std::uint64_t few = plan.size == Size::tiny ? 3 : 7;
  const std::uint64_t count = few + dice_.below(few + 1);
  const auto span = static_cast<std::uint64_t>((active_until_ - now_).count());
  for (std::uint32_t i = 0; i < count; ++i) {
    const Instant arrives = now_ + Duration{static_cast<Duration::rep>(dice_.below(span) * dice_.below(2))};
    clients_.push_back(
        std::make_unique<Client>(i, Character::roll(dice_, arrives, active_until_),
                                 Speech::Subject{machine_.roster(), tokens().owner(), witness_.epoch,
                                                 limits_.message_bytes, plan.guarded},
                                 witness_, wire_, Dice{dice_.next()}));
  }
}

WallTime Life::wall(Instant now) const {
  const std::int64_t base_ms = 1'763'683'200'000 + (now >= wall_jumps_at_ ? wall_jump_ms_ : 0);
  return {base_ms + to_ms(now.time_since_epoch())};
}

Instant Life::next() {
  Instant next = std::min(machine_next_, wire_.next());
  for (const auto& client : clients_) next = std::min(next, client->next());
  return next;
}

template <typename Stop>
void Life::live(Instant until, Stop&& stop) {
  while (!trace_.failed()) {
    if (stop()) return;
    Instant then = std::max(next(), now_);
    if (dice_.chance(lateness_)) then += some_ms(dice_, 200);
    if (then > until) break;
    steps_at_once_ = then == now_ ? steps_at_once_ + 1 : 0;
    if (steps_at_once_ > kStepsAtOnceMax) trace_.fail("time stands still: something is due again and again");
    now_ = then;
    tick();
  }
  now_ = std::max(now_, until);
}

void Life::tick() {
  clock_.advance_to(now_);
  trace_.at(++steps_, now_);
  wire_.deliver(now_);
  for (const auto& client : clients_) client->act(now_);
  if (dice_.chance(0.3)) wire_.flush(now_);
  step_machine();
  if (dice_.chance(0.03)) step_machine();
  wire_.flush(now_);
  check_pools();
  if (steps_ % 8 == 0)
    for (const auto& client : clients_)
      if (client->listens()) client->book().check_current(now_);
}

void Life::step_machine() {
  witness_.clock = {now_, wall(now_)};
  machine_next_ = machine_.step(now_, witness_.clock.wall);
  witness_.look(now_);
  if (guarded_) safety_.look(now_, is_disturbed());
}

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
  const Instant dead_since = wire_.dead_since();
  if (dead_since != kNever && now_ - dead_since > from_ms(limits_.dead_after_ms) + kDeadSlack)
    trace_.fail("a dead peer still has its session after %lld ms",
                static_cast<long long>(to_ms(now_ - dead_since)));
}

Instant Life::run() {
  live(active_until_, [] { return false; });
  if (end_ == End::power_cut) {
    trace_.line("power cut");
    wire_.break_all(now_, false);
    log_.cut_power(dice_.below(2 * hal::AppendLog::kPieceBytesMax));
    check_journal();
    return now_;
  }
  if (end_ == End::quiet) {
    trace_.line("quiet");
    for (const auto& client : clients_) client->fall_silent();
    live(now_ + kBacklogMax, [this] { return !wire_.has_backlog(); });
    live(now_ + kQuiet, [] { return false; });
    check_quiet();
  }
  if (!trace_.failed()) stop();
  check_journal();
  return now_;
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
  }
}

void Life::stop() {
  trace_.line("stop");
  stopped_at_ = trace_.now();  // the bench's clock stands there
  wire_.deliver(now_);         // what came just before is queued, not begun
  witness_.stopping = true;
  machine_.stop("restart", now_);
  machine_next_ = now_;
  wire_.flush(now_);
  live(now_ + kStopMax, [this] { return machine_.is_stopped(); });
  if (!machine_.is_stopped())
    trace_.fail("not stopped after %lld ms", static_cast<long long>(to_ms(kStopMax)));
  check_safe();
  live(now_ + from_ms(1300), [this] { return machine_.controller().gauge().used == 0; });
  check_safe();
  check_base_line();
  for (const auto& client : clients_) client->book().check_commands();
  witness_.judge_writes(stopped_at_);
}

void Life::check_safe() {
  const auto planned = faults_.planned();
  const bool disturbed = std::any_of(planned.begin(), planned.end(), [this](const Fault& fault) {
    const std::string_view target = fault.target;
    return (target == "heater" || target == "fan") && fault.until >= stopped_at_;
  });
  const double heater = recorder_.level(Output::heater);
  const double fan = recorder_.level(Output::fan);
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
