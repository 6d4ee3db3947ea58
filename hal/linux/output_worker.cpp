#include "hal/linux/output_worker.hpp"

#include <poll.h>
#include <utility>

#include "hal/linux/clock.hpp"

namespace signalbox::hal::kernel {
namespace {

/// Nobody else is there to make outputs safe: five seconds of trying.
constexpr int kTriesAtTheEnd = 50;
constexpr int kTryAgain_ms = 100;

}  // namespace

void OutputWorker::do_gone() {
  for (int i = 0; i < kTriesAtTheEnd && !do_make_safe(); ++i) ::poll(nullptr, 0, kTryAgain_ms);
}

int OutputWorker::do_heard(const PortRequest& request) {
  const Instant now = Clock{}.now();
  if (std::exchange(was_silent_, false)) {
    PortReply notice;
    notice.id = PortReply::kMadeSafe;
    notice.silent_ms = static_cast<std::uint32_t>(to_ms(now - heard_));
    send(notice);
  }
  heard_ = now;
  is_watching_ = is_watching_ || request.kind == PortRequest::Kind::alive;
  return is_watching_ ? kSilence_ms : -1;
}

int OutputWorker::do_silence() {
  was_silent_ = true;
  (void)do_make_safe();
  return kSilence_ms;
}

}  // namespace signalbox::hal::kernel
