#pragma once

#include "base/result.hpp"
#include "hal/digital.hpp"
#include "hal/linux/held_places.hpp"

namespace signalbox::hal::kernel {

/// The lines of the machine's GPIO chips, held by hal/linux/line_worker; named as GpioLine::open() takes
/// them.
class Digital final : public hal::Digital {
 public:
  /// Starts the process that holds them.
  Result<void> open(bool fenced);
  void poll(Instant now) { lines_.poll(now); }
  Instant next() const { return lines_.next(); }

 private:
  int do_claim_input(std::string_view line, const InputSetup& setup) override;
  int do_claim_output(std::string_view line, bool initial, bool safe) override;
  int claim(std::string_view line, const LineSetup& setup);
  void do_release_line(int line) override { lines_.release(line); }
  void do_write(int line, DigitalOperation& operation) override;
  void do_read(int line, DigitalOperation& operation) override;
  void do_withdraw(DigitalOperation& operation) override;
  void submit(PortRequest::Kind kind, int line, DigitalOperation& operation);

  HeldPlaces lines_{"line", "lines"};
};

}  // namespace signalbox::hal::kernel
