#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"

namespace signalbox::hal::kernel {

/// What the kernel has of a PWM output.
struct PwmState {
  std::uint32_t period_ns = 0;
  std::uint32_t duty_ns = 0;
  bool is_inversed = false;
  bool is_enabled = false;
};

/// Files of an output to write one after the other.
class PwmSteps {
 public:
  enum class Step : std::uint8_t { disable, period, duty, polarity, enable };

  /// From one state to the enabled, not inversed `period_ns` and `duty_ns`. The kernel takes no duty cycle
  /// above the period, no other polarity while it runs, and nothing before there is a period. In between the
  /// output is on for no greater part of the time than before or after.
  PwmSteps(const PwmState& from, std::uint32_t period_ns, std::uint32_t duty_ns);

  std::span<const Step> steps() const& { return {steps_.data(), count_}; }
  std::span<const Step> steps() const&& = delete;  // they are gone with it

 private:
  void add(Step step) { steps_[count_++] = step; }

  std::array<Step, 5> steps_{};
  std::size_t count_ = 0;
};

/// An output of a PWM chip (Documentation/driver-api/pwm.rst and Documentation/ABI/testing/sysfs-class-pwm).
/// It keeps its setting until it is set anew, even when our process ends.
class PwmOutput {
 public:
  /// `name`: its number behind the chip's, `pwmchip0:1`, or behind the name of the device that the chip is,
  /// `fe20c000.pwm:1`: chips may change their numbers from kernel to kernel. It runs at `frequency_hz` with
  /// `duty` (0 to 1) from then on, without a moment at which it is on for longer than before or after. Errors
  /// as of GpioLine::open(). `root` stands before `/sys`; for tests. May wait half a second for rights.
  static Result<PwmOutput> open(std::string_view root, std::string_view name, std::uint32_t frequency_hz,
                                double duty);
  /// Which one that is, without asking for it.
  static Result<PwmOutput> find(std::string_view root, std::string_view name);
  /// `pwmchip0  fe20c000.pwm, 2 outputs`; nothing where there is no such chip.
  static FixedText<127> chip_words(std::string_view root, int chip);

  static constexpr int kChipsMax = 64;

  PwmOutput() = default;

  explicit operator bool() const { return chip_ >= 0; }
  /// Whether open() would have the rights it needs. Nothing is moved or asked for.
  Result<void> check_rights() const;
  /// False with errno.
  bool write(double duty) const;
  bool is_same(const PwmOutput& other) const { return chip_ == other.chip_ && number_ == other.number_; }

 private:
  using Path = FixedText<159>;

  PwmOutput(std::string_view root, int chip, std::uint32_t number)
      : root_{root}, chip_{chip}, number_{number} {}

  Path file(const char* name) const;
  Path output_file(const char* name) const;
  Result<void> check_number() const;
  Result<void> ask_for() const;
  bool may_be_written() const;
  Result<PwmState> state() const;
  bool take(PwmSteps::Step step, std::uint32_t duty_ns) const;

  FixedText<95> root_;
  int chip_ = -1;
  std::uint32_t number_ = 0;
  std::uint32_t period_ns_ = 0;
};

}  // namespace signalbox::hal::kernel
