#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hal/digital.hpp"

namespace signalbox::control {

/// Digital lines whose writes end when, and how, the test says; a port that can keep silent. Reads end at
/// once and show what was written last.
class HeldLines final : public hal::Digital {
 public:
  struct Write {
    std::string line;
    bool level = false;
    Instant deadline{};
    friend bool operator==(const Write&, const Write&) = default;
  };
  /// Everything that was ever submitted.
  std::vector<Write> writes;
  /// True: writes end as they are submitted, as on memory-mapped lines.
  bool at_once = false;
  /// True: what is under way has reached the hardware and cannot be withdrawn.
  bool reached = false;

  /// Ends the write that is under way on a line.
  void finish(std::string_view line, hal::Completion completion = hal::Completion::done) {
    for (Held& held : lines_) {
      if (held.name != line || held.operation == nullptr) continue;
      held.operation->completion = completion;
      if (completion == hal::Completion::done) held.level = held.operation->level;
      held.operation = nullptr;
    }
  }
  bool is_moving(std::string_view line) const {
    for (const Held& held : lines_)
      if (held.name == line) return held.operation != nullptr;
    return false;
  }

 private:
  struct Held {
    std::string name;
    bool level = false;
    hal::DigitalOperation* operation = nullptr;
  };

  int do_claim_input(std::string_view line, const hal::InputSetup& /*setup*/) override {
    return do_claim_output(line, false, false);
  }
  int do_claim_output(std::string_view line, bool initial, bool /*safe*/) override {
    lines_.push_back({std::string{line}, initial, nullptr});
    return static_cast<int>(lines_.size()) - 1;
  }
  void do_release_line(int line) override { lines_[static_cast<std::size_t>(line)].name.clear(); }
  void do_write(int line, hal::DigitalOperation& operation) override {
    Held& held = lines_[static_cast<std::size_t>(line)];
    writes.push_back({held.name, operation.level, operation.deadline});
    held.operation = &operation;
    if (at_once) finish(held.name);
  }
  void do_read(int line, hal::DigitalOperation& operation) override {
    operation.level = lines_[static_cast<std::size_t>(line)].level;
    operation.completion = hal::Completion::done;
  }

  void do_withdraw(hal::DigitalOperation& operation) override {
    for (const Held& held : lines_)
      if (held.operation == &operation && !reached)
        return finish(std::string{held.name}, hal::Completion::timed_out);
  }

  std::vector<Held> lines_;
};

}  // namespace signalbox::control
