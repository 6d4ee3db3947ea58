#include "sim/storm/witness.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::sim::storm {
namespace {

/// An operation handed over in time may take that long on the wire.
constexpr Duration kOperationMax = Faults::kSlowness + from_ms(1);

Duration lease_of(const Asked& asked) {
  return std::min(from_ms(asked.command.lease_ms.value_or(0)), from_ms(bench::kLeaseMax_ms));
}

double us(Instant at) { return static_cast<double>(at.time_since_epoch().count()); }

}  // namespace

void Witness::set_clock(Instant now, WallTime wall) {
  clock = {now, wall};
  const std::int64_t started = clock.label(Instant{}).unix_ms;
  if (started_ms.empty() || started_ms.back() != started) started_ms.push_back(started);
}

/// A lease is taken by what is carried out, and lengthened only by its renewal.
void Witness::take_leases() {
  const std::vector<Write>& writes = recorder.writes();
  for (; seen_writes_ < writes.size(); ++seen_writes_) {
    const Write& write = writes[seen_writes_];
    const auto expected = expected_.find({write.output, write.deadline});
    if (expected == expected_.end() || expected->second.lease == Duration{0}) continue;
    Instant& until = leased_until_[static_cast<std::size_t>(write.output)];
    until = std::max(until, write.submitted + expected->second.lease);
  }
}

void Witness::renewed(const Asked& asked) {
  Instant& until = leased_until_[static_cast<std::size_t>(Output::heater)];
  if (until > asked.delivered_at) until = std::max(until, asked.delivered_at + lease_of(asked));
}

void Witness::begin(Instant now) {
  began_ = now;
  if (began_stopped) stopped_since_ = now;
}

bool Witness::is_stop_held() const {
  if (!guarded) return false;
  const device::Latest& button = values.of(bench::kStop);
  return !button.was_read || !device::is_usable(button.sample.quality) ||
         button.sample.value == device::Value{true};
}

/// What the device has read stops it at once; what it should have read, once it must have.
void Witness::watch_stop(Instant now, bool pressed) {
  if (!guarded) return;
  pressed_since_ = pressed ? std::min(pressed_since_, now) : kNever;
  const bool must_know =
      pressed_since_ != kNever && now - pressed_since_ > bench::kStopPeriod + from_ms(100) + 2 * kLateMax;
  const bool was_read = values.of(bench::kStop).was_read;
  const bool is_blind = !was_read && now - began_ > bench::kStopStale + kLateMax;
  if (must_know || is_blind || (was_read && is_stop_held())) stopped(now);
}

void Witness::reset(const Asked& asked) {
  if (is_stop_held() && !asked.in_pieces) return;
  stopped_since_ = kNever;
  reset_at_ = asked.delivered_at;
}

void Witness::look(Instant now, bool stop_pressed) {
  watch_stop(now, stop_pressed);
  chronicle.look(now);
  take_leases();
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const std::uint64_t version = values.of(static_cast<device::ChannelIndex>(i)).version;
    if (version != seen_[i].version) seen_[i] = {version, now};
  }
}

bool Witness::was_stuck() const {
  const auto planned = faults.planned();
  return std::any_of(planned.begin(), planned.end(), [](const Fault& fault) {
    return fault.kind == FaultKind::stuck && fault.target.view() == "heater";
  });
}

bool Witness::fits(const Asked& asked, const AskedCommand::Move& move, const Write& write) const {
  const double wanted = move.toggles ? 1.0 - write.before : move.level;
  if (std::abs(write.level - wanted) < 1e-9) return true;
  if (move.toggles && was_stuck()) return true;
  trace.fail("%s: the output was set to %g where %g was asked for (it was %g before)", asked.id.c_str(),
             write.level, wanted, write.before);
  return false;
}

/// What is bound to a version moves only what was read to be so, and has not moved since.
bool Witness::fits_version(const Asked& asked, const AskedCommand::Move& move, const Write& write) const {
  if (!move.if_version) return true;
  if (write.version != *move.if_version)
    trace.fail("%s was carried out at version %llu, but its version was stale: %llu", asked.id.c_str(),
               static_cast<unsigned long long>(write.version),
               static_cast<unsigned long long>(*move.if_version));
  else if (write.read && std::abs(*write.read - write.before) > 1e-9 && !was_stuck())
    trace.fail("%s was carried out by a version that reads %g where the output holds %g", asked.id.c_str(),
               *write.read, write.before);
  return !trace.failed();
}

bool Witness::is_failsafe(const Write& write) {
  return write.deadline >= write.submitted + bench::kFailsafeDeadline;
}

bool Witness::is_safe(const Write& write) {
  const double safe = write.output == Output::fan ? bench::kFanSafe : 0.0;
  return std::abs(write.level - safe) < 1e-9;
}

/// What the open door demands of the fan.
bool Witness::is_override(const Write& write) const {
  return guarded && write.output == Output::fan && is_failsafe(write) &&
         std::abs(write.level - bench::kFanOverride) < 1e-9;
}

void Witness::expect(const Asked& asked) {
  for (const AskedCommand::Move& move : asked.command.moves) {
    Expected& expected = expected_[{move.output, asked.command.deadline}];
    ++expected.count;
    expected.releases = expected.releases || move.releases;
    expected.lease = std::max(expected.lease, lease_of(asked));
  }
  if (asked.command.is_named) named_[asked.id].push_back(asked.command);
}

bool Witness::is_unique(const AskedCommand& command) const {
  return std::all_of(command.moves.begin(), command.moves.end(), [&](const AskedCommand::Move& move) {
    const auto expected = expected_.find({move.output, command.deadline});
    return expected != expected_.end() && expected->second.count == 1;
  });
}

Witness::Fate Witness::fate_of(const AskedCommand::Move& move, Instant deadline) const {
  Fate fate;
  for (const Write& write : recorder.writes()) {
    if (write.output != move.output || write.deadline != deadline || is_failsafe(write)) continue;
    ++fate.tried;
    if (write.completion == hal::Completion::done) ++fate.done;
    fate.write = &write;
  }
  return fate;
}

void Witness::judge(const Asked& asked) const {
  const AskedCommand& command = asked.command;
  // Two commands with one deadline cannot be told apart.
  if (!asked.was_authenticated || !is_unique(command)) return;
  const char* id = asked.id.c_str();
  int tried = 0;
  int done = 0;
  for (const AskedCommand::Move& move : command.moves) {
    const Fate fate = fate_of(move, command.deadline);
    if (fate.tried > 1) return trace.fail("%s was carried out %d times", id, fate.tried);
    tried += fate.tried;
    done += fate.done;
    if (fate.write == nullptr) continue;
    const Write& write = *fate.write;
    if (!fits(asked, move, write) || !fits_version(asked, move, write)) return;
    const bool moved = write.moved_at || std::abs(write.before - write.level) < 1e-9 || was_stuck();
    if (fate.done == 1 && !moved) return trace.fail("%s: told done, but the output never moved", id);
  }
  const int outputs = static_cast<int>(command.moves.size());
  if (tried != 0 && tried != outputs)
    return trace.fail("%s moved %d of %d outputs: all or none", id, tried, outputs);
  // The answer may be that of another time it came.
  const auto named = named_.find(asked.id);
  if (named == named_.end() || named->second.size() == 1) judge_outcome(asked, tried, done);
}

void Witness::judge_outcome(const Asked& asked, int tried, int done) const {
  const char* id = asked.id.c_str();
  const char* outcome = asked.outcome.c_str();
  const int outputs = static_cast<int>(asked.command.moves.size());
  if (is_one_of(asked.outcome, {"applied", "verified", "superseded", "mismatch"})) {
    if (done != outputs) trace.fail("%s was answered %s, but the output was never written", id, outcome);
  } else if (asked.outcome != "accepted" && tried > 0 && done == outputs) {
    trace.fail("%s was answered %s, but the output was written", id, outcome);
  } else if (done > 0 && done < outputs) {
    judge_scene(asked);
  }
}

/// The hardware of one output failed: the others must have gone safe.
void Witness::judge_scene(const Asked& asked) const {
  std::vector<const Write*> writes;
  Instant settled{};
  for (const AskedCommand::Move& move : asked.command.moves) {
    const Write* write = fate_of(move, asked.command.deadline).write;
    if (write == nullptr) continue;
    writes.push_back(write);
    settled = std::max(settled, write->completed_at.value_or(write->deadline + from_ms(1000)));
  }
  const Instant by = settled + 2 * kLateMax;
  if (by > clock.at) return;  // it has until then
  for (const Write* write : writes)
    if (write->completion == hal::Completion::done && !was_made_safe(*write, by))
      trace.fail("%s: one output failed, but output %d was not made safe", asked.id.c_str(),
                 static_cast<int>(write->output));
}

bool Witness::was_made_safe(const Write& write, Instant by) const {
  const auto& all = recorder.writes();
  return std::any_of(all.begin(), all.end(), [&](const Write& other) {
    return other.output == write.output && &other > &write && other.submitted <= by &&
           (is_safe(other) || is_override(other));
  });
}

void Witness::judge_repeats() const {
  for (const auto& [id, times] : named_) {
    int carried_out = 0;
    for (const AskedCommand& command : times)
      if (is_unique(command) && fate_of(command.moves.front(), command.deadline).tried > 0) ++carried_out;
    if (carried_out > 1) trace.fail("%s was repeated, and carried out %d times", id.c_str(), carried_out);
  }
}

void Witness::judge_writes(Instant stopped_at) const {
  for (const Write& write : recorder.writes()) {
    const bool known = expected_.find({write.output, write.deadline}) != expected_.end();
    const bool made_safe = is_safe(write) && (write.submitted >= stopped_at || is_failsafe(write));
    if (!known && !made_safe && !is_override(write)) {
      trace.fail("nobody asked for the write of %g to output %d at %.0f us", write.level,
                 static_cast<int>(write.output), us(write.submitted));
    }
    if (write.submitted > write.deadline)
      trace.fail("output %d was written at %.0f us, after its deadline of %.0f us",
                 static_cast<int>(write.output), us(write.submitted), us(write.deadline));
    if (write.moved_at && *write.moved_at > write.deadline + kOperationMax)
      trace.fail("output %d moved at %.0f us, after its deadline of %.0f us", static_cast<int>(write.output),
                 us(*write.moved_at), us(write.deadline));
  }
}

}  // namespace signalbox::sim::storm
