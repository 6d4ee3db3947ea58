#pragma once

#include <array>
#include <cstddef>

#include "hal/linux/gpio_line.hpp"
#include "hal/linux/port_worker.hpp"

namespace signalbox::hal::kernel {

/// Holds the lines. Where the loop falls silent, or is gone, outputs get their safe levels.
class LineWorker final : public PortWorker {
 public:
  static constexpr std::size_t kLinesMax = 32;
  /// Without a sign of the loop for so long it is taken for hung. It goes round ten times as often.
  static constexpr int kSilence_ms = 1000;

  LineWorker(int socket, bool fenced)
      : PortWorker{{.watcher = "lines-watch", .worker = "lines"}, socket, fenced} {}

 private:
  struct Line {
    GpioLine line;
    FixedText<31> name;
    bool safe = false;
    bool is_released = true;
  };

  void do_serve(const PortRequest& request, PortReply& reply) override;
  int do_heard(const PortRequest& request) override;
  int do_silence() override;
  void do_gone() override;
  bool do_outlives_parent() const override { return true; }
  void claim(Line& line, const PortRequest& request, PortReply& reply);
  bool drop_released();
  bool make_safe();

  std::array<Line, kLinesMax> lines_{};
  bool is_watching_ = false;  ///< the loop has begun to go round
  Instant heard_{};
  bool was_silent_ = false;
};

}  // namespace signalbox::hal::kernel
