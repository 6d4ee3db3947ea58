#include "hal/linux/line_worker.hpp"

#include <cerrno>
#include <utility>

#include "hal/linux/clock.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {

void LineWorker::do_serve(const PortRequest& request, PortReply& reply) {
  const auto place = static_cast<std::size_t>(request.line);
  if (place >= lines_.size()) return;
  Line& its = lines_[place];
  if (request.kind == PortRequest::Kind::claim) return claim(its, request, reply);
  reply.why = "no such line is claimed";
  if (!its.line) return;
  bool worked = false;
  switch (request.kind) {
    case PortRequest::Kind::release:
      if (!its.line.is_output()) its = {};
      its.is_released = true;
      worked = true;
      break;
    case PortRequest::Kind::write: worked = its.line.is_output() && its.line.write(request.level); break;
    case PortRequest::Kind::read: worked = its.line.read(reply.level); break;
    default: break;
  }
  reply.completion = worked ? Completion::done : Completion::failed;
  if (!worked) reply.why = error_words(errno);
}

/// An output that was released is held until another takes its place, since the kernel does not promise that
/// a line which nobody holds keeps its level.
void LineWorker::claim(Line& line, const PortRequest& request, PortReply& reply) {
  line = {};
  Result<GpioLine> opened = GpioLine::open(request.name, request.is_output, request.level);
  if (!opened) {
    reply.why = opened.error().detail;
    return;
  }
  line.line = std::move(*opened);
  line.safe = request.safe;
  line.is_released = false;
  reply.completion = Completion::done;
}

void LineWorker::make_safe() {
  for (const Line& its : lines_)
    if (its.line && its.line.is_output() && !its.is_released) (void)its.line.write(its.safe);
}

int LineWorker::do_heard(const PortRequest& request) {
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

int LineWorker::do_silence() {
  was_silent_ = true;
  make_safe();
  return kSilence_ms;
}

}  // namespace signalbox::hal::kernel
