#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/digital.hpp"
#include "hal/linux/line_worker.hpp"
#include "hal/linux/port_link.hpp"

namespace signalbox::hal::kernel {

/// The lines of the machine's GPIO chips, held by hal/linux/line_worker; named as GpioLine::open() takes
/// them.
class Digital final : public hal::Digital {
 public:
  /// Starts the process that holds them.
  Result<void> open(bool fenced);
  bool is_open() const { return link_.is_open(); }
  /// Finishes what was answered; tells the process ten times a second that the loop goes round.
  void poll(Instant now);
  Instant next() const;

 private:
  struct Line {
    FixedText<31> name;
    LineSetup setup;
    bool is_claimed = false;
    bool is_held = false;  ///< by our process
  };

  int do_claim_input(std::string_view line, const InputSetup& setup) override;
  int do_claim_output(std::string_view line, bool initial, bool safe) override;
  int claim(std::string_view line, const LineSetup& setup);
  void do_release_line(int line) override;
  void do_write(int line, DigitalOperation& operation) override;
  void do_read(int line, DigitalOperation& operation) override;
  void do_withdraw(DigitalOperation& operation) override;
  int place_for(std::string_view name) const;
  void submit(PortRequest::Kind kind, int line, DigitalOperation& operation);
  void hold_missing();
  static void finish_hold(void* record, const PortReply& reply);

  PortLink link_;
  std::array<Line, LineWorker::kLinesMax> lines_{};
  Instant beat_at_{};
  Instant hold_at_{};  ///< when lines that are missing are asked for again
};

}  // namespace signalbox::hal::kernel
