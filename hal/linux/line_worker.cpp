#include "hal/linux/line_worker.hpp"

#include <cerrno>
#include <poll.h>
#include <utility>

#include "hal/linux/clock.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

/// Nobody else is there to make outputs safe: five seconds of trying.
constexpr int kTriesAtTheEnd = 50;
constexpr int kTryAgain_ms = 100;

}  // namespace

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
    case PortRequest::Kind::read: worked = its.line.read(reply.level, reply.edges); break;
    default: break;
  }
  reply.completion = worked ? Completion::done : Completion::failed;
  if (!worked) reply.why = error_words(errno);
}

/// An output that was released is held until somebody else wants it, since the kernel does not promise that a
/// line which nobody holds keeps its level; and where it is wanted again it is not let go.
void LineWorker::claim(Line& line, const PortRequest& request, PortReply& reply) {
  const bool is_same =
      line.line && line.name == request.name && line.line.is_output() && request.setup.is_output;
  if (!is_same || !line.line.write(request.setup.level)) {
    line = {};
    Result<GpioLine> opened = GpioLine::open(request.name, request.setup);
    // It may be ours, by another of its names.
    if (!opened && opened.error().reason == Reason::busy && drop_released())
      opened = GpioLine::open(request.name, request.setup);
    if (!opened) {
      reply.why = opened.error().detail;
      return;
    }
    line.line = std::move(*opened);
    line.name = request.name;
  }
  line.safe = request.setup.safe;
  line.is_released = false;
  reply.completion = Completion::done;
  reply.why = line.line.lacks();
}

bool LineWorker::drop_released() {
  bool dropped = false;
  for (Line& its : lines_) {
    if (!its.line || !its.is_released) continue;
    its = {};
    dropped = true;
  }
  return dropped;
}

/// False where one of them did not take it.
bool LineWorker::make_safe() {
  bool all = true;
  for (const Line& its : lines_)
    if (its.line && its.line.is_output() && !its.is_released) all = its.line.write(its.safe) && all;
  return all;
}

void LineWorker::do_gone() {
  for (int i = 0; i < kTriesAtTheEnd && !make_safe(); ++i) ::poll(nullptr, 0, kTryAgain_ms);
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
  (void)make_safe();
  return kSilence_ms;
}

}  // namespace signalbox::hal::kernel
