#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/digital.hpp"
#include "sim/hal/edge_watch.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/line.hpp"

namespace signalbox::sim {

/// Digital lines on simulated time. Faults hit a line by its name.
class Digital final : public hal::Digital, public Port {
 public:
  /// What the kernel takes for one of several lines, and a process to ask it.
  static constexpr Duration kLatency{200};

  /// Reading and writing take `latency`; where that is nothing they are done at once, as at a register.
  explicit Digital(Faults& faults, Duration latency = kLatency) : faults_{faults}, latency_{latency} {}

  /// Puts something on a line; the board gives it this name and direction. False where there is no room.
  bool attach(std::string_view name, Direction direction, twins::Line& line);

  /// What the inputs showed until then is no edge.
  void begin(Instant at);
  /// Looks at the inputs that somebody has at that moment, so that what comes and goes between two reads is
  /// seen as the kernel sees it.
  void watch(Instant at);

  std::size_t lines_count() const { return wires_count_; }
  std::string_view name_of(std::size_t line) const { return wires_[line].name; }
  bool is_claimed(std::size_t line) const { return wires_[line].claimed; }
  bool is_input(std::size_t line) const { return wires_[line].direction == Direction::input; }

 private:
  static constexpr std::size_t kLinesMax = 32;
  using Operations = InFlight<hal::DigitalOperation, 64>;

  struct Wire {
    FixedText<31> name;
    Direction direction = Direction::input;
    twins::Line* line = nullptr;
    bool claimed = false;
    bool last_level = false;  ///< what a stuck output keeps showing
    EdgeWatch watch{};        ///< of an input
    Instant watched_at{};
  };

  int do_claim_input(std::string_view line, const hal::InputSetup& setup) override;
  int do_claim_output(std::string_view line, bool initial, bool safe) override;
  int claim(std::string_view line, Direction direction);
  void look(Wire& wire, Instant at);
  void do_release_line(int line) override;
  void do_write(int line, hal::DigitalOperation& operation) override;
  void do_read(int line, hal::DigitalOperation& operation) override;
  void do_withdraw(hal::DigitalOperation& operation) override { operations_.withdraw(operation, now()); }
  void submit(int line, hal::DigitalOperation& operation, bool writes);
  Instant do_next() const override { return operations_.next(); }
  void do_finish_next() override { finish(operations_.take()); }
  void finish(const Operations::Entry& ended);

  Faults& faults_;
  Duration latency_;
  std::array<Wire, kLinesMax> wires_{};
  std::size_t wires_count_ = 0;
  Operations operations_;
};

}  // namespace signalbox::sim
