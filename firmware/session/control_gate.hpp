#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "base/result.hpp"
#include "control/controller.hpp"
#include "session/answer_memory.hpp"
#include "session/context.hpp"
#include "session/exchange.hpp"

namespace signalbox::session {

/// How commands and scenes ended, since the start.
struct CommandCounts {
  std::uint64_t applied = 0;
  std::uint64_t verified = 0;
  std::array<std::uint64_t, kReasons> failed{};

  void add(Reason reason) { ++failed[static_cast<std::size_t>(reason)]; }
  void add(device::Rung rung) { ++(rung == device::Rung::verified ? verified : applied); }
};

/// Everything a client asks of outputs passes here: rights are checked, words become control's terms, a
/// repeat gets its stored answer.
class ControlGate {
 public:
  ControlGate(const Context& context, const Sessions& sessions, control::Controller& controller,
              AnswerMemory& answers)
      : context_{context}, sessions_{sessions}, controller_{controller}, answers_{answers} {}

  void serve(const Exchange& exchange, const protocol::Command& command) {
    serve(exchange, {&command.write, 1}, command.terms, "payload");
  }
  void serve(const Exchange& exchange, const protocol::Scene& scene) {
    serve(exchange, std::span{scene.writes}.first(scene.writes_count), scene.terms, "payload.writes");
  }
  void serve(const Exchange& exchange, const protocol::Renew& renew);
  void serve(const Exchange& exchange, const protocol::AskBaton& asked);
  void serve(const Exchange& exchange, const protocol::Stop& stop);
  void serve(const Exchange& exchange, const protocol::Reset& reset);
  void serve(const Exchange& exchange, const protocol::Reload& reload);
  /// A command came to its end.
  void ended(const control::Progressed& progressed) {
    if (progressed.error)
      counts_.add(progressed.error->reason);
    else
      counts_.add(progressed.rung);
  }
  const CommandCounts& counts() const { return counts_; }
  /// The session acts for that holder from now on, and takes along what it holds by itself.
  void go_on(Session& session, control::Holder holder);
  /// Stops the device, before anything that waits; `forbidden` for who may move nothing.
  Result<void> stop(const Principal& who, const control::Actor& actor, Instant now,
                    std::string_view trace_id = {});

 private:
  void serve(const Exchange& exchange, std::span<const protocol::Write> writes, const protocol::Terms& terms,
             std::string_view place);
  void carry_out(const Exchange& exchange, const control::Command& command);
  void refuse(const Exchange& exchange, std::span<const protocol::Write> writes,
              const protocol::Failure& failure);
  void refuse(const Exchange& exchange, std::span<const protocol::Write> writes, const Error& error) {
    refuse(exchange, writes, protocol::Failure{error});
  }
  bool wait(const Exchange& exchange, std::uint32_t place);
  Error no_place(const AnswerMemory::Lookup& lookup, Instant now) const;
  Result<control::Command> prepare(const Exchange& exchange, std::span<const protocol::Write> writes,
                                   const protocol::Terms& terms, std::string_view place,
                                   protocol::Failure& failure) const;
  Result<control::Write> prepare_write(const Principal& who, const protocol::Write& write) const;
  Result<Duration> lease_length(const control::Command& command, const control::Write& write) const;
  Result<Instant> deadline(const control::Command& command, const protocol::Terms& terms, Instant now) const;
  Result<device::ChannelIndex> output(const Principal& who, std::string_view path) const;
  /// Whether it may move an output, of that group where one is named.
  bool may_move_any(const Principal& who, device::BatonIndex group = device::kNoBaton) const;
  void tell(const Exchange& exchange, std::string_view name, Severity severity,
            device::BatonIndex baton = device::kNoBaton);

  const Context& context_;
  const Sessions& sessions_;
  control::Controller& controller_;
  AnswerMemory& answers_;
  CommandCounts counts_;
};

}  // namespace signalbox::session
