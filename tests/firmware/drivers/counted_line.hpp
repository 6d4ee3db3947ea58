#pragma once

#include <string>
#include <string_view>

#include "hal/digital.hpp"

namespace signalbox::drivers {

/// One input that shows what the test says, at once.
class CountedLine final : public hal::Digital {
 public:
  std::string name;       ///< as it was claimed
  hal::InputSetup setup;  ///< and how
  bool is_claimed = false;
  bool level = false;
  bool fails = false;
  hal::EdgeTally edges;

  /// So many edges more, `apart`, the last one at `at`.
  void give(std::uint64_t count, Instant at, Duration apart) {
    edges.count += count;
    edges.last_at = at;
    edges.last_apart = apart;
  }

 private:
  int do_claim_input(std::string_view line, const hal::InputSetup& how) override {
    name = line;
    setup = how;
    is_claimed = true;
    return 0;
  }
  int do_claim_output(std::string_view, bool, bool) override { return kNoLine; }
  void do_release_line(int) override { is_claimed = false; }
  void do_write(int, hal::DigitalOperation& operation) override {
    operation.completion = hal::Completion::failed;
  }
  void do_read(int, hal::DigitalOperation& operation) override {
    operation.level = level;
    operation.edges = edges;
    operation.completion = fails ? hal::Completion::failed : hal::Completion::done;
  }
  void do_withdraw(hal::DigitalOperation&) override {}
};

}  // namespace signalbox::drivers
