#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "device/roster.hpp"
#include "device/values.hpp"
#include "protocol/view.hpp"
#include "sim/faults.hpp"
#include "sim/storm/asked.hpp"
#include "sim/storm/bench.hpp"
#include "sim/storm/chronicle.hpp"
#include "sim/storm/holdings.hpp"
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
          const protocol::Limits& told, std::string life, bool outputs_guarded, std::size_t parked_max)
      : trace{line_by_line},
        roster{machine.roster()},
        values{machine.values()},
        recorder{outputs},
        faults{planned},
        limits{told},
        epoch{std::move(life)},
        guarded{outputs_guarded},
        chronicle{line_by_line, machine},
        holdings{machine.controller(), parked_max} {}

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
  Chronicle chronicle;
  Holdings holdings;
  std::set<std::string> revoked{};  ///< ids of tokens of which somebody was told that they are
  std::vector<std::int64_t>
      started_ms{};  ///< what the device's clock was at its zero: one for each time it was set

  /// The device has started.
  void begin(Instant now);
  /// A stop that came then was answered; a reset has reached the device.
  void stopped(Instant at) {
    if (at > reset_at_) stopped_since_ = std::min(stopped_since_, at);
  }
  void reset(const Asked& asked);
  /// Since when it must be stopped: by a message, by the wired stop, or by that one being unreadable.
  Instant stopped_since() const { return stopped_since_; }
  /// Whether the wired stop keeps it so: pressed as far as the device can know, or not to be read.
  bool is_stop_held() const;

  /// When the last lease of that output must have run out that anybody took or renewed in earnest.
  Instant leased_until(Output output) const { return leased_until_[static_cast<std::size_t>(output)]; }
  /// A renewal has reached the device.
  void renewed(const Asked& asked);

  /// The device is told the time.
  void set_clock(Instant now, WallTime wall);
  /// A command has reached the device; from now on its deadline names it.
  void expect(const Asked& asked);
  /// Whether a command of that name has reached the device before.
  bool has_come(const std::string& id) const { return named_.count(id) > 0; }
  /// Holds what became of an answered command against what happened at the output.
  void judge(const Asked& asked) const;
  /// Every write was some client's, or a safe value; none came late. `stopped_at`: safe values are right from
  /// then on.
  void judge_writes(Instant stopped_at) const;
  /// No command was carried out twice, however often it was sent.
  void judge_repeats() const;

  /// What safety demanded, by its deadline: longer than any command's.
  static bool is_failsafe(const Write& write);
  /// Whether it was to the output's safe value.
  static bool is_safe(const Write& write);
  /// Whether a command that may have made that write releases its output.
  bool may_release(const Write& write) const {
    const auto expected = expected_.find({write.output, write.deadline});
    return expected != expected_.end() && expected->second.releases;
  }

  /// Takes note of which values have changed.
  void look(Instant now, bool stop_pressed);
  Instant changed_at(device::ChannelIndex channel) const { return seen_[channel].at; }

 private:
  struct Seen {
    std::uint64_t version = 0;
    Instant at{};
  };

  /// What became of one output of a command.
  struct Fate {
    int tried = 0;
    int done = 0;
    const Write* write = nullptr;  ///< the last one
  };
  Fate fate_of(const AskedCommand::Move& move, Instant deadline) const;
  /// Whether its deadline tells its writes from all others.
  bool is_unique(const AskedCommand& command) const;
  bool fits(const Asked& asked, const AskedCommand::Move& move, const Write& write) const;
  bool fits_version(const Asked& asked, const AskedCommand::Move& move, const Write& write) const;
  void judge_outcome(const Asked& asked, int tried, int done) const;
  void judge_scene(const Asked& asked) const;
  bool was_made_safe(const Write& write, Instant by) const;
  bool is_override(const Write& write) const;
  bool was_stuck() const;

  /// All commands to one output with one deadline.
  struct Expected {
    int count = 0;
    Duration lease{};  ///< the longest of theirs
    bool releases = false;
  };
  void take_leases();
  void watch_stop(Instant now, bool pressed);

  std::map<std::pair<Output, Instant>, Expected> expected_{};
  std::array<Instant, 3> leased_until_{};
  std::size_t seen_writes_ = 0;
  Instant began_{};
  Instant pressed_since_ = kNever;
  Instant stopped_since_ = kNever;
  Instant reset_at_ = Instant::min();
  std::map<std::string, std::vector<AskedCommand>> named_{};  ///< every time it came, by its id
  std::array<Seen, bench::kPaths.size()> seen_{};
};

}  // namespace signalbox::sim::storm
