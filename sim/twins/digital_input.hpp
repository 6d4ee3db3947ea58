#pragma once

#include <functional>
#include <utility>

#include "sim/twins/line.hpp"

namespace signalbox::sim::twins {

/// A contact on an input line that shows something of the world.
class DigitalInput final : public Line {
 public:
  explicit DigitalInput(std::function<bool()> closed) : closed_{std::move(closed)} {}

 private:
  bool do_level(Instant /*at*/) override { return closed_(); }

  std::function<bool()> closed_;
};

}  // namespace signalbox::sim::twins
