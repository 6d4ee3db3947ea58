#pragma once

#include <array>
#include <cstddef>

#include "hal/linux/gpio_line.hpp"
#include "hal/linux/output_worker.hpp"

namespace signalbox::hal::kernel {

/// Holds the lines.
class LineWorker final : public OutputWorker {
 public:
  static constexpr std::size_t kLinesMax = 32;

  LineWorker(int socket, bool fenced)
      : OutputWorker{{.watcher = "lines-watch", .worker = "lines"}, socket, fenced} {}

 private:
  struct Line {
    GpioLine line;
    FixedText<31> name;
    bool safe = false;
    bool is_released = true;
  };

  void do_serve(const PortRequest& request, PortReply& reply) override;
  bool do_make_safe() override;
  void claim(Line& line, const PortRequest& request, PortReply& reply);
  bool drop_released();

  std::array<Line, kLinesMax> lines_{};
};

}  // namespace signalbox::hal::kernel
