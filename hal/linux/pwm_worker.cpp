#include "hal/linux/pwm_worker.hpp"

#include <algorithm>
#include <cerrno>

#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {

void PwmWorker::do_serve(const PortRequest& request, PortReply& reply) {
  const auto place = static_cast<std::size_t>(request.line);
  if (place >= outputs_.size()) return;
  Output& its = outputs_[place];
  if (request.kind == PortRequest::Kind::claim) return claim(its, request, reply);
  reply.why = "no such output is claimed";
  if (its.is_released) return;
  if (request.kind == PortRequest::Kind::release)
    its.is_released = true;
  else if (request.kind != PortRequest::Kind::write || !its.output.write(request.duty)) {
    reply.why = error_words(errno);
    return;
  }
  reply.completion = Completion::done;
}

void PwmWorker::claim(Output& output, const PortRequest& request, PortReply& reply) {
  const auto found = PwmOutput::find(root_, request.name);
  const bool is_ours = std::any_of(outputs_.begin(), outputs_.end(), [&](const Output& its) {
    return &its != &output && !its.is_released && found && its.output.is_same(*found);
  });
  if (is_ours) {
    reply.why = "another part has it, by another of its names";
    return;
  }
  const auto opened = PwmOutput::open(root_, request.name, request.rate, request.duty);
  if (!opened) {
    reply.why = opened.error().detail;
    return;
  }
  output = {.output = *opened, .safe_duty = request.safe_duty, .is_released = false};
  reply.completion = Completion::done;
}

bool PwmWorker::do_make_safe() {
  bool all = true;
  for (const Output& its : outputs_)
    if (!its.is_released) all = its.output.write(its.safe_duty) && all;
  return all;
}

}  // namespace signalbox::hal::kernel
