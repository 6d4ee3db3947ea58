#include "hal/linux/can.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {

Result<void> Can::open(bool fenced) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  if (CanWorker{sockets->theirs.number(), fenced}.start() < 0)
    return last_error("the CAN interfaces' process");
  link_ = PortLink{std::move(sockets->ours)};
  return {};
}

/// The one of that name, or one that nobody reads.
Can::Interface* Can::interface_for(std::string_view name) {
  const auto is_read = [this](const Interface& interface) {
    return std::any_of(readers_.begin(), readers_.end(),
                       [&](const Reader& its) { return its.interface == &interface; });
  };
  Interface* free = nullptr;
  for (Interface& its : interfaces_) {
    if (!is_read(its))
      free = &its;
    else if (its.name.view() == name)
      return &its;
  }
  if (free != nullptr) *free = {.name = name, .trouble = {}};
  return free;
}

int Can::do_claim(const CanSource& source) {
  const auto free = std::find_if(readers_.begin(), readers_.end(),
                                 [](const Reader& its) { return its.interface == nullptr; });
  if (!is_can_interface(source.interface) || free == readers_.end()) return kNoReader;
  Interface* const interface = interface_for(source.interface);
  if (interface == nullptr) return kNoReader;
  *free = {.request = {}, .interface = interface, .reading = nullptr};
  PortRequest& request = free->request;
  request.kind = PortRequest::Kind::receive;
  request.name = source.interface;
  request.can_id = source.id;
  request.line = static_cast<std::int32_t>(free - readers_.begin());
  return request.line;
}

void Can::do_release_reader(int reader) {
  if (reader < 0) return;
  readers_[static_cast<std::size_t>(reader)].interface = nullptr;
  PortRequest request;
  request.kind = PortRequest::Kind::release;
  request.line = reader;
  (void)link_.call(request);
}

void Can::do_read(int reader, CanReading& reading) {
  Reader& its = readers_[static_cast<std::size_t>(reader)];
  its.reading = &reading;
  its.request.deadline = reading.deadline;
  if (!link_.submit(its.request, &its, finish)) reading.completion = Completion::failed;
}

void Can::finish(void* record, const PortReply& reply) {
  const Reader& its = *static_cast<const Reader*>(record);
  CanReading& reading = *its.reading;
  reading.has_frame = reply.has_frame;
  reading.size = std::min(reply.frame_bytes, static_cast<std::uint8_t>(reading.bytes.size()));
  std::copy_n(reply.bytes.begin(), reading.bytes.size(), reading.bytes.begin());
  reading.received_at = reply.received_at;
  reading.completion = reply.completion;
  Interface& interface = *its.interface;
  if (interface.trouble == reply.why) return;
  interface.trouble = reply.why;
  log(reply.why.empty() ? Severity::info : Severity::warning, "CAN interface %s: %s", interface.name.c_str(),
      reply.why.empty() ? "it works" : reply.why.c_str());
}

void Can::poll(Instant now) {
  const PortLink::News news = link_.poll(now);
  if (news.gone) log(Severity::error, "the process that listens on CAN is gone for good: restart this one");
  if (news.died)
    log(Severity::warning, "the process that listens on CAN hung or died; another one takes over");
}

}  // namespace signalbox::hal::kernel
