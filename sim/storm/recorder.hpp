#pragma once

#include <list>
#include <optional>
#include <vector>

#include "device/values.hpp"
#include "hal/platform.hpp"
#include "sim/hal/platform.hpp"

namespace signalbox::sim::storm {

enum class Output : std::uint8_t { heater, fan, lamp };

/// One write a driver asked for, and what became of it.
struct Write {
  Output output = Output::heater;
  double level = 0.0;   ///< relays: 0 or 1; fan: duty, 0 to 1
  double before = 0.0;  ///< what the twin held then
  Instant submitted{};
  Instant deadline{};
  std::uint64_t version = 0;     ///< its channel's, then
  std::optional<double> read{};  ///< as the channel was last read, if that could be trusted
  hal::Completion completion = hal::Completion::pending;
  std::optional<Instant> completed_at{};  ///< nothing: not yet
  std::optional<Instant> moved_at{};  ///< when the twin took it; nothing: it never did, or held it already
};

/// The simulated bench with a record of every write to its outputs.
class Recorder final : public hal::Platform, private hal::Digital, private hal::Pwm {
 public:
  /// How the recorder can be made to lie, to see whether anybody notices.
  enum class Lie : std::uint8_t { none, late_relay, deaf_relay, lost_lamp };

  explicit Recorder(sim::Platform& bench) : bench_{bench} {}

  void lie(Lie lie) { lie_ = lie; }
  /// Where the device keeps what it has read.
  void watch(const device::Values& values) { values_ = &values; }
  const std::vector<Write>& writes() const { return writes_; }
  double level(Output output) const;
  /// When the twin last took another level.
  Instant moved_at(Output output) const;

 private:
  /// A write under way: the bench works on `ours`, the driver waits for `theirs`.
  template <typename Operation>
  struct Held {
    Operation ours{};
    Operation* theirs = nullptr;
    std::size_t write = 0;
    int place = 0;
    Instant released_at{};  ///< a late relay's
  };

  const Ports& do_ports() override;
  void do_poll(Instant now) override;
  Instant do_next() const override;

  int do_claim_input(std::string_view line, const hal::InputSetup& setup) override;
  int do_claim_output(std::string_view line, bool initial, bool safe) override;
  void do_release_line(int line) override { bench_.ports().digital->release(line); }
  void do_write(int line, hal::DigitalOperation& operation) override;
  void do_read(int line, hal::DigitalOperation& operation) override;
  void do_withdraw(hal::DigitalOperation& operation) override;
  int do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
               double safe_duty) override;
  void do_release_output(int output) override { bench_.ports().pwm->release(output); }
  void do_write(int output, hal::PwmOperation& operation) override;
  void do_withdraw(hal::PwmOperation& operation) override;
  hal::PwmHolds do_holds(int output) const override { return bench_.ports().pwm->holds(output); }

  std::size_t record(Output output, double level, Instant deadline);
  template <typename Operation>
  void settle(std::list<Held<Operation>>& held);
  void release_late();

  sim::Platform& bench_;
  const device::Values* values_ = nullptr;
  int lamp_line_ = kNoLine;
  Lie lie_ = Lie::none;
  Ports ports_;
  Instant now_{};
  std::vector<Write> writes_;
  std::list<Held<hal::DigitalOperation>> digital_;
  std::list<Held<hal::PwmOperation>> pwm_;
};

}  // namespace signalbox::sim::storm
