#pragma once

#include <optional>

#include "base/instant.hpp"

namespace signalbox::sim::twins {

/// A device with a driver in the kernel, which publishes what it measures.
class Published {
 public:
  /// How long reading it takes.
  Duration takes() const { return do_takes(); }
  /// In the units of hal::AttributeReading; nothing where the driver gives none.
  std::optional<double> value() { return do_value(); }

 protected:
  ~Published() = default;

 private:
  virtual Duration do_takes() const { return from_ms(1); }
  virtual std::optional<double> do_value() = 0;
};

}  // namespace signalbox::sim::twins
