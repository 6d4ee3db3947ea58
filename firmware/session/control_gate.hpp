#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "control/controller.hpp"
#include "session/answer_memory.hpp"
#include "session/command_intake.hpp"
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

/// Everything a client asks of outputs passes here, through `CommandIntake` to the controller; a repeat gets
/// its stored answer.
class ControlGate {
 public:
  ControlGate(const Context& context, Sessions& sessions, control::Controller& controller,
              AnswerMemory& answers)
      : context_{context},
        intake_{context},
        sessions_{sessions},
        controller_{controller},
        answers_{answers} {}

  void serve(const Exchange& exchange, const protocol::Command& command) {
    serve(exchange, Asked{.writes = {&command.write, 1}, .terms = command.terms});
  }
  void serve(const Exchange& exchange, const protocol::Scene& scene) {
    serve(exchange, Asked{.writes = std::span{scene.writes}.first(scene.writes_count),
                          .terms = scene.terms,
                          .is_scene = true});
  }
  void serve(const Exchange& exchange, const protocol::Renew& renew);
  void serve(const Exchange& exchange, const protocol::AskBaton& asked);
  void serve(const Exchange& exchange, const protocol::Stop& stop);
  void serve(const Exchange& exchange, const protocol::Reset& reset);
  void serve(const Exchange& exchange, const protocol::Reload& reload);
  /// A command has come further, or ended. Calls `deliver(waiter, answer)` for everybody who waits for its
  /// answer.
  template <typename Deliver>
  void progressed(const control::Progressed& progressed, Deliver&& deliver) {
    const control::AnswerTo& to = progressed.answer_to;
    if (progressed.final) ended(progressed);
    if (to.place == control::kNoPlace) return;  // answered already
    const bool remembered = to.memory_place != control::kNoPlace;
    if (!progressed.final) {
      const protocol::Told told = protocol::Progress{progressed.rung};
      if (!remembered) return deliver(Waiter{to.session, to.place}, told);
      return answers_.each_waiter(to.memory_place, [&](const Waiter& waiter) { deliver(waiter, told); });
    }
    const auto answer = final_answer(progressed);
    const auto deliver_final = [&](const Waiter& waiter) {
      std::visit([&](const auto& body) { deliver(waiter, body); }, answer);
    };
    if (remembered)
      answers_.finish(to.memory_place, answer, context_.clock.at, deliver_final);
    else
      deliver_final({to.session, to.place});
  }
  const CommandCounts& counts() const { return counts_; }
  /// Stops the device, before anything that waits; `forbidden` for who may move nothing.
  Result<void> stop(const Principal& who, const control::Actor& actor, Instant now,
                    std::string_view trace_id = {});

 private:
  void serve(const Exchange& exchange, const Asked& asked);
  std::optional<std::uint32_t> place_to_remember(const Exchange& exchange, const Asked& asked);
  void carry_out(const Exchange& exchange, const control::Command& command);
  void ended(const control::Progressed& progressed);
  static std::variant<protocol::Ack, protocol::Failure> final_answer(const control::Progressed& progressed);
  void refuse(const Exchange& exchange, const Asked& asked, const protocol::Failure& failure);
  bool wait(const Exchange& exchange, std::uint32_t place);
  Error no_place(const AnswerMemory::Lookup& lookup, Instant now) const;
  /// Whether it may move an output, of that group where one is named.
  bool may_move_any(const Principal& who, device::BatonIndex group = device::kNoBaton) const;
  void tell(const Exchange& exchange, std::string_view name, Severity severity,
            device::BatonIndex baton = device::kNoBaton);

  const Context& context_;
  CommandIntake intake_;
  Sessions& sessions_;
  control::Controller& controller_;
  AnswerMemory& answers_;
  CommandCounts counts_;
};

}  // namespace signalbox::session
