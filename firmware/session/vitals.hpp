#pragma once

#include "base/principal.hpp"
#include "protocol/metrics_writer.hpp"
#include "session/context.hpp"

namespace signalbox::session {

/// The figures of the whole firmware, which nobody below `app/` can see together.
class Vitals {
 public:
  /// Writes all of them; each time the same ones in the same order.
  void write(protocol::MetricsWriter& writer) const { do_write(writer); }

 protected:
  ~Vitals() = default;

 private:
  virtual void do_write(protocol::MetricsWriter& writer) const = 0;
};

/// What `/metrics` tells that person: the figures of the firmware, and of each channel they may read its
/// value (of a boolean 0 or 1, of an enumeration the place of its label; none of text), whether it is good,
/// and its age.
void write_metrics(protocol::MetricsWriter& writer, const Principal& who, const Context& context,
                   Instant now);

}  // namespace signalbox::session
