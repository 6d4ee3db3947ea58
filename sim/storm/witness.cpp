#include "sim/storm/witness.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::sim::storm {
namespace {

/// An operation handed over in time may take that long on the wire.
constexpr Duration kOperationMax = Faults::kSlowness + from_ms(1);

double us(Instant at) { return static_cast<double>(at.time_since_epoch().count()); }

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

void Witness::look(Instant now) {
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

bool Witness::fits(const Asked& asked, const Write& write) const {
  const AskedCommand& command = asked.command;
  const double wanted = command.toggles ? 1.0 - write.before : command.level;
  if (std::abs(write.level - wanted) < 1e-9) return true;
  if (command.toggles && was_stuck()) return true;
  trace.fail("%s: the output was set to %g where %g was asked for (it was %g before)", asked.id.c_str(),
             write.level, wanted, write.before);
  return false;
}

/// What safety demanded, by its deadline: longer than any command's.
bool Witness::is_failsafe(const Write& write) const {
  return write.deadline >= write.submitted + bench::kFailsafeDeadline;
}

void Witness::judge(const Asked& asked) const {
  const AskedCommand& command = asked.command;
  const auto expected = expected_.find({command.output, command.deadline});
  // Two commands with one deadline cannot be told apart.
  if (!asked.was_authenticated || expected == expected_.end() || expected->second != 1) return;
  int done = 0;
  int tried = 0;
  for (const Write& write : recorder.writes()) {
    if (write.output != command.output || write.deadline != command.deadline || is_failsafe(write)) continue;
    ++tried;
    if (!fits(asked, write)) return;
    if (write.completion != hal::Completion::done) continue;
    ++done;
    if (!write.moved_at && std::abs(write.before - write.level) > 1e-9 && !was_stuck()) {
      trace.fail("%s: told done, but the output never moved", asked.id.c_str());
      return;
    }
  }
  const char* id = asked.id.c_str();
  const char* outcome = asked.outcome.c_str();
  if (tried > 1) trace.fail("%s was carried out %d times", id, tried);
  if (is_one_of(asked.outcome, {"applied", "verified", "superseded", "mismatch"})) {
    if (done != 1) trace.fail("%s was answered %s, but the output was never written", id, outcome);
  } else if (asked.outcome != "accepted" && done != 0) {
    trace.fail("%s was answered %s, but the output was written", id, outcome);
  }
}

void Witness::judge_writes(Instant stopped_at) const {
  for (const Write& write : recorder.writes()) {
    const bool known = expected_.find({write.output, write.deadline}) != expected_.end();
    const double safe =
        write.output == Output::fan ? bench::kFanSafe : static_cast<double>(bench::kHeaterSafe);
    const bool made_safe =
        std::abs(write.level - safe) < 1e-9 && (write.submitted >= stopped_at || is_failsafe(write));
    if (!known && !made_safe) {
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
