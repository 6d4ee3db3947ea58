#include "hal/linux/attribute_worker.hpp"

namespace signalbox::hal::kernel {

void AttributeWorker::do_serve(const PortRequest& request, PortReply& reply) {
  if (request.kind != PortRequest::Kind::measure) return;
  const Result<double> told =
      sysfs_.read({.subsystem = request.subsystem, .device = request.name, .channel = request.channel});
  if (told) {
    reply.value = *told;
    reply.completion = Completion::done;
    return;
  }
  reply.completion = told.error().reason == Reason::not_found ? Completion::absent : Completion::failed;
  reply.why = told.error().detail;
}

}  // namespace signalbox::hal::kernel
