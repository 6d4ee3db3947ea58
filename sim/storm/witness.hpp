#pragma once

#include <array>
#include <map>
#include <string>

#include "device/roster.hpp"
#include "device/values.hpp"
#include "protocol/view.hpp"
#include "sim/faults.hpp"
#include "sim/storm/asked.hpp"
#include "sim/storm/bench.hpp"
#include "sim/storm/recorder.hpp"
#include "sim/storm/trace.hpp"

namespace signalbox::sim::storm {

/// What is known of one life of the device beside what clients are told: the ground truth to hold answers
/// against.
class Witness {
 public:
  /// How late a step may come.
  static constexpr Duration kLateMax = from_ms(200);

  Witness(Trace& line_by_line, machine::Machine& machine, const Recorder& outputs, const Faults& planned,
          const protocol::Limits& told, std::string life, bool outputs_guarded)
      : trace{line_by_line},
        roster{machine.roster()},
        values{machine.values()},
        recorder{outputs},
        faults{planned},
        limits{told},
        epoch{std::move(life)},
        guarded{outputs_guarded} {}

  Trace& trace;
  const device::Roster& roster;
  const device::Values& values;
  const Recorder& recorder;
  const Faults& faults;
  const protocol::Limits& limits;
  std::string epoch;
  bool guarded;       ///< outputs may be held, locked and stopped
  WallClock clock{};  ///< as the device was last told
  bool stopping = false;
  bool began_stopped = false;  ///< a stop of a life before outlived it

  /// A command has reached the device; from now on its deadline names it.
  void expect(const AskedCommand& command) { ++expected_[{command.output, command.deadline}]; }
  /// Holds what became of an answered command against what happened at the output.
  void judge(const Asked& asked) const;
  /// Every write was some client's, or a safe value; none came late. `stopped_at`: safe values are right from
  /// then on.
  void judge_writes(Instant stopped_at) const;

  /// Takes note of which values have changed.
  void look(Instant now);
  Instant changed_at(device::ChannelIndex channel) const { return seen_[channel].at; }

 private:
  struct Seen {
    std::uint64_t version = 0;
    Instant at{};
  };

  bool fits(const Asked& asked, const Write& write) const;
  bool is_failsafe(const Write& write) const;
  bool was_stuck() const;

  std::map<std::pair<Output, Instant>, int> expected_{};
  std::array<Seen, bench::kPaths.size()> seen_{};
};

}  // namespace signalbox::sim::storm
