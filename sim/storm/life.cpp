#include "sim/storm/life.hpp"

#include <algorithm>
#include <array>

#include "session/parking.hpp"

namespace signalbox::sim::storm {
namespace {

/// What slow readers had to hold back may take long to come through.
constexpr Duration kBacklogMax = from_ms(20'000);
/// Long enough after the last word for every answer to come.
constexpr Duration kQuiet = from_ms(1900);
/// The longest a stop may take: goodbyes drain for two seconds, the journal may take one more.
constexpr Duration kStopMax = from_ms(4000);
/// The history is written that often: several times in a life.
constexpr Duration kHistoryEvery = from_ms(300);
/// In so many quiet ends: a minute passes with little to see.
constexpr double kLateReturns = 0.02;
constexpr unsigned kStepsAtOnceMax = 1000;

/// What all devices begin with: made once, since keys and signatures take long.
struct Trust {
  Store::Records records;
  std::string token;                  ///< an administrator's, good for longer than any clock jumps here
  std::array<std::string, 6> spares;  ///< ids of tokens that nobody uses
};

const Trust& trust_of_all() {
  static const Trust made = [] {
    Faults no_faults;
    Store store{no_faults};
    Entropy entropy{1};
    trust::Tokens tokens;
    SIGNALBOX_CHECK(tokens.open(store, entropy).has_value());
    constexpr trust::Here kLongAgo{"storm", {1'600'000'000'000}};
    const Scope all{Role::admin};
    const auto issue = [&](std::string_view name) {
      const auto issued =
          tokens.issue(Principal{"storm", all}, name, all, 10'000 * trust::Tokens::kDay_s, kLongAgo);
      SIGNALBOX_CHECK(issued.has_value());
      return *issued;
    };
    Trust trust;
    trust.token = issue("owner").token;
    for (std::string& spare : trust.spares) spare = issue("spare").principal.credential.view();
    tokens.save(Instant{});
    const auto saved = tokens.step(Instant{from_ms(1000)});
    SIGNALBOX_CHECK(saved && *saved);
    trust.records = store.records();
    return trust;
  }();
  return made;
}

}  // namespace

const Store::Records& Life::claimed() { return trust_of_all().records; }

Life::Life(const Plan& plan, Trace& trace, Dice dice)
    : trace_{trace},
      dice_{dice},
      now_{plan.begins},
      end_{static_cast<End>(std::array{0, 0, 1, 1, 2}[dice_.below(5U)])},
      lateness_{std::array{0.0, 0.01, 0.1}[dice_.below(3U)]},
      active_until_{plan.begins + from_ms(800) + some_ms(dice_, 1700)},
      surroundings_{world_, dice_, plan.begins, active_until_},
      faults_{dice_.next()},
      clock_{plan.begins},
      disk_{plan.disk},
      past_{plan.past},
      card_{plan.card},
      limits_{limits_of(plan.size)},
      machine_{memory_of(plan.size), recorder_, tokens_, limits_, plan.epoch},
      witness_{trace,   machine_,   recorder_,    faults_,
               limits_, plan.epoch, plan.guarded, parked_max_of(plan.size)},
      safety_{trace, machine_, recorder_, witness_},
      door_{machine_.door(), plan.sabotage},
      wire_{door_, trace, dice_, std::array<std::size_t, 2>{2048, 700}[dice_.below(2U)]},
      clients_so_far_{plan.clients_before},
      size_{plan.size},
      guarded_{plan.guarded} {
  if (plan.sabotage == Sabotage::late_relay) recorder_.lie(Recorder::Lie::late_relay);
  if (plan.sabotage == Sabotage::deaf_relay) recorder_.lie(Recorder::Lie::deaf_relay);
  recorder_.watch(machine_.values());
  if (plan.sabotage == Sabotage::half_scenes) recorder_.lie(Recorder::Lie::lost_lamp);
  faults_.scatter(sim::Platform::kFaultTargets, now_, active_until_, dice_.below(9U), from_ms(1000));
  faults_.scatter(AppendLog::kFaultTargets, now_ + from_ms(1), active_until_, dice_.below(3U), from_ms(1000));
  faults_.scatter(Store::kFaultTargets, now_ + from_ms(1), active_until_, dice_.below(3U), from_ms(1000));
  if (plan.guarded && dice_.chance(0.12)) {
    // At the start for so long that it counts as never read, or at any time.
    const Instant from = dice_.chance(0.5) ? now_ : now_ + some_ms(dice_, 1500);
    faults_.add({FaultKind::fails, "stop-button", from, from + some_ms(dice_, 1200)});
  }
  platform_.poll(now_);
  log_.poll(now_);
  past_log_.poll(now_);
  store_.poll(now_);
  const Result<void> trusts = tokens_.open(store_, entropy_);
  if (!trusts) trace_.fail("no tokens: %s", trusts.error().detail.c_str());
  if (plan.sabotage == Sabotage::lying_store) store_.lie();
  const Result<void> kept = machine_.keep_journal(log_, surroundings_.wall(now_));
  if (!kept) trace_.fail("no journal: %s", kept.error().detail.c_str());
  bench::declare(machine_.roster(), plan.guarded);
  machine_.keep_history(past_log_, {kHistoryEvery, {}}, now_);
  check_past();
  witness_.chronicle.begin();
  omit(plan.sabotage, machine_.roster());
  machine_.connect(wire_);
  const Result<void> started = machine_.start(now_);
  if (!started) trace_.fail("the machine does not start: %s", started.error().detail.c_str());
  witness_.began_stopped = machine_.controller().is_stopped();
  witness_.begin(now_);
  roll_clients(plan);
  trace_.line("life %s begins, size %d, ends %d, lateness %g, %zu clients, %zu faults", plan.epoch.c_str(),
              static_cast<int>(plan.size), static_cast<int>(end_), lateness_, clients_.size(),
              faults_.planned().size());
}

void Life::roll_clients(const Plan& plan) {
  const int few = plan.size == Size::tiny ? 2 : 5;
  const int count = few + dice_.below(few + 1);
  const auto arrives = [&] { return now_ + dice_.below(active_until_ - now_) * dice_.below(2); };
  for (int i = 0; i < count; ++i) add_client(Character::roll(dice_, arrives(), active_until_), {});
  for (const Keepsake& kept : plan.survivors)
    if (dice_.chance(0.6)) add_client(Character::roll_return(dice_, arrives(), active_until_), kept);
  for (int i = few + dice_.below(2 * few); i > 0; --i)
    add_client(Character::roll_caller(dice_, now_ + dice_.below(active_until_ - now_)), {});
}

void Life::add_client(const Character& character, const Keepsake& kept) {
  if (character.tongue == Tongue::Kind::http) ++callers_;
  clients_.push_back(std::make_unique<Client>(
      clients_so_far_++, character,
      Speech::Subject{machine_.roster(), machine_.values(), trust_of_all().token, trust_of_all().spares,
                      witness_.epoch, limits_.message_bytes, guarded_},
      witness_, wire_, kept, Dice{dice_.next()}));
}

void Life::return_lost() {
  for (; returned_ < clients_.size() && clients_[returned_]->is_lost(); ++returned_) {
    if (is_crowded() || !clients_[returned_]->comes_back() || !dice_.chance(0.8)) continue;
    const Instant arrives = now_ + some_ms(dice_, 400);
    if (arrives >= active_until_) continue;
    add_client(Character::roll_return(dice_, arrives, active_until_), clients_[returned_]->keepsake());
  }
}

Instant Life::next() {
  Instant next = std::min(machine_.next(), wire_.next());
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
  surroundings_.act(now_);
  for (const auto& client : clients_) client->act(now_);
  return_lost();
  if (dice_.chance(0.001)) double_someone();
  if (dice_.chance(0.3)) wire_.flush(now_);
  step_machine();
  if (dice_.chance(0.03)) step_machine();
  wire_.flush(now_);
  if (steps_ % 4 == 0) check_pools();
  if (steps_ % 8 == 0)
    for (const auto& client : clients_)
      if (client->listens() && !client->has_offended()) client->book().check_current(now_);
}

void Life::step_machine() {
  witness_.set_clock(now_, surroundings_.wall(now_));
  machine_.step(now_, witness_.clock.wall);
  witness_.look(now_, world_.stop_pressed());
  if (guarded_) safety_.look(now_, is_disturbed());
}

void Life::return_late() {
  const auto lost = std::find_if(clients_.begin(), clients_.end(), [](const auto& client) {
    return client->is_lost() && !client->keepsake().session.empty();
  });
  if (lost == clients_.end()) return;
  const Keepsake kept = (*lost)->keepsake();
  live(now_ + session::kResumeWindow + from_ms(1000), [] { return false; });
  active_until_ = now_ + from_ms(600);
  add_client(Character::roll_return(dice_, now_, active_until_), kept);
  live(active_until_, [] { return false; });
  for (const auto& client : clients_) client->fall_silent();
  live(now_ + kQuiet, [] { return false; });
}

/// A second window of somebody who is still there.
void Life::double_someone() {
  const Client& original = *clients_[dice_.below(clients_.size())];
  const Instant arrives = now_ + some_ms(dice_, 50);
  if (!original.listens() || original.is_caller() || is_crowded() || arrives >= active_until_) return;
  Character character = Character::roll_return(dice_, arrives, active_until_);
  Keepsake kept = original.keepsake();
  kept.is_unclear = true;  // it goes on to subscribe
  if (kept.epoch == witness_.epoch) add_client(character, kept);
}

std::vector<Keepsake> Life::survivors() const {
  std::vector<Keepsake> kept;
  for (std::size_t i = 0; i < clients_.size() && kept.size() < 4; ++i) {
    Keepsake one = clients_[i]->keepsake();
    if (one.epoch == witness_.epoch) kept.push_back(std::move(one));
  }
  return kept;
}

Instant Life::run() {
  live(active_until_, [] { return false; });
  if (end_ == End::power_cut) {
    trace_.line("power cut");
    wire_.break_all(now_, false);
    log_.cut_power(dice_.below(2 * hal::AppendLog::kPieceBytesMax));
    past_log_.cut_power(dice_.below(2 * hal::AppendLog::kPieceBytesMax));
    store_.cut_power(dice_.chance(0.5));
    check_journal();
    check_written();
    check_tokens();
    card_ = store_.records();
    return now_;
  }
  if (end_ == End::quiet) {
    trace_.line("quiet");
    for (const auto& client : clients_) client->fall_silent();
    live(now_ + kBacklogMax, [this] { return !wire_.has_backlog(); });
    live(now_ + kQuiet, [] { return false; });
    check_quiet();
    if (dice_.chance(kLateReturns)) return_late();
  }
  if (!trace_.failed()) stop();
  check_journal();
  check_written();
  check_tokens();
  card_ = store_.records();
  return now_;
}

void Life::stop() {
  trace_.line("stop");
  stopped_at_ = trace_.now();  // the bench's clock stands there
  wire_.deliver(now_);         // what came just before is queued, not begun
  witness_.stopping = true;
  machine_.stop("restart", now_);
  wire_.flush(now_);
  live(now_ + kStopMax, [this] { return machine_.is_stopped(); });
  if (!machine_.is_stopped())
    trace_.fail("not stopped after %lld ms", static_cast<long long>(to_ms(kStopMax)));
  check_safe();
  live(now_ + from_ms(1300), [this] { return machine_.controller().gauge().used == 0; });
  check_safe();
  check_base_line();
  for (const auto& client : clients_) client->book().check_commands();
  witness_.judge_repeats();
  witness_.judge_writes(stopped_at_);
}

}  // namespace signalbox::sim::storm
