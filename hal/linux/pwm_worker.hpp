#pragma once

#include <array>

#include "hal/linux/held_places.hpp"
#include "hal/linux/output_worker.hpp"
#include "hal/linux/pwm_output.hpp"

namespace signalbox::hal::kernel {

/// Holds the PWM outputs. It reaches nothing but `/sys`.
class PwmWorker final : public OutputWorker {
 public:
  /// `sys`: the directory of `root` that the kernel has its files in.
  PwmWorker(int socket, bool fenced, std::string_view root, const char* sys)
      : OutputWorker{{.watcher = "pwm-watch", .worker = "pwm"},
                     socket,
                     fenced,
                     {.watcher = Process::pwm_watcher, .worker = Process::pwm, .directory = sys}},
        root_{root} {}

 private:
  struct Output {
    PwmOutput output;
    double safe_duty = 0.0;
    bool is_released = true;
  };

  void do_serve(const PortRequest& request, PortReply& reply) override;
  bool do_make_safe() override;
  void claim(Output& output, const PortRequest& request, PortReply& reply);

  FixedText<95> root_;
  std::array<Output, HeldPlaces::kPlacesMax> outputs_{};
};

}  // namespace signalbox::hal::kernel
