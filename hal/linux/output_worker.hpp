#pragma once

#include "base/instant.hpp"
#include "hal/linux/port_worker.hpp"

namespace signalbox::hal::kernel {

/// Holds outputs. Where the loop falls silent, or is gone, they become safe.
class OutputWorker : public PortWorker {
 public:
  /// Without a sign of the loop for so long it is taken for hung. It goes round ten times as often.
  static constexpr int kSilence_ms = 1000;

 protected:
  using PortWorker::PortWorker;
  ~OutputWorker() = default;

 private:
  /// Drives every output to what is safe; false where one of them did not take it.
  virtual bool do_make_safe() = 0;

  int do_heard(const PortRequest& request) final;
  int do_silence() final;
  void do_gone() final;
  bool do_outlives_parent() const final { return true; }

  bool is_watching_ = false;  ///< the loop has begun to go round
  Instant heard_{};
  bool was_silent_ = false;
};

}  // namespace signalbox::hal::kernel
