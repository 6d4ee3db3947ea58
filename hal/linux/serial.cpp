#include "hal/linux/serial.hpp"

#include "base/log.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {

Result<void> Serial::open(bool fenced) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  if (SerialWorker{sockets->theirs.number(), fenced}.start() < 0)
    return last_error("the serial ports' process");
  link_ = PortLink{std::move(sockets->ours)};
  return {};
}

int Serial::do_claim(const SerialSource& source) {
  Reader claimed{.request = {}, .is_claimed = true, .reading = nullptr, .trouble = {}};
  PortRequest& request = claimed.request;
  request.kind = PortRequest::Kind::hear;
  request.rate = source.baud;
  if (!is_serial_device(source.device) || !request.name.assign(source.device) ||
      !request.channel.assign(source.prefix))
    return kNoReader;
  Reader* free = nullptr;
  for (Reader& its : readers_) {
    if (!its.is_claimed && free == nullptr) free = &its;
    if (its.is_claimed && its.request.name == request.name && its.request.rate != request.rate)
      return kNoReader;
  }
  if (free == nullptr) return kNoReader;
  request.line = static_cast<std::int32_t>(free - readers_.data());
  *free = claimed;
  return request.line;
}

void Serial::do_release_reader(int reader) {
  if (reader < 0) return;
  readers_[static_cast<std::size_t>(reader)].is_claimed = false;
  PortRequest request;
  request.kind = PortRequest::Kind::release;
  request.line = reader;
  (void)link_.call(request);
}

void Serial::do_read(int reader, SerialReading& reading) {
  Reader& its = readers_[static_cast<std::size_t>(reader)];
  its.reading = &reading;
  its.request.deadline = reading.deadline;
  if (!link_.submit(its.request, &its, finish)) reading.completion = Completion::failed;
}

void Serial::finish(void* record, const PortReply& reply) {
  Reader& its = *static_cast<Reader*>(record);
  its.reading->text = reply.text;
  its.reading->dropped = reply.dropped;
  its.reading->completion = reply.completion;
  const bool is_right = reply.completion == Completion::done;
  if (is_right ? its.trouble.empty() : its.trouble == reply.why) return;
  log(is_right ? Severity::info : Severity::warning, "serial port %s: %s", its.request.name.c_str(),
      is_right ? "it is there" : reply.why.c_str());
  its.trouble = is_right ? FixedText<95>{} : reply.why;
}

void Serial::poll(Instant now) {
  const PortLink::News news = link_.poll(now);
  if (news.gone)
    log(Severity::error, "the process that holds the serial ports is gone for good: restart this one");
  if (news.died)
    log(Severity::warning, "the process that holds the serial ports hung or died; another one takes over");
}

}  // namespace signalbox::hal::kernel
