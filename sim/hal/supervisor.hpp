#pragma once

#include <vector>

#include "hal/supervisor.hpp"

namespace signalbox::sim {

/// Remembers what it was told.
class Supervisor final : public hal::Supervisor {
 public:
  explicit Supervisor(Duration patience = {}) : patience_{patience} {}

  const std::vector<State>& told() const { return told_; }

 private:
  void do_tell(State state, Instant /*now*/) override { told_.push_back(state); }
  Duration do_patience() const override { return patience_; }

  Duration patience_;
  std::vector<State> told_;
};

}  // namespace signalbox::sim
