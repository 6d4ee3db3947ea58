#include "hal/linux/line_worker.hpp"

#include <cerrno>
#include <utility>

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

bool LineWorker::do_make_safe() {
  bool all = true;
  for (const Line& its : lines_)
    if (its.line && its.line.is_output() && !its.is_released) all = its.line.write(its.safe) && all;
  return all;
}

}  // namespace signalbox::hal::kernel
