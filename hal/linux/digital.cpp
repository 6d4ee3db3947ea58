#include "hal/linux/digital.hpp"

#include "hal/linux/line_worker.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

void finish_line(void* record, const PortReply& reply) {
  auto& operation = *static_cast<DigitalOperation*>(record);
  operation.completion = reply.completion;
  operation.level = reply.completion == Completion::done ? reply.level : operation.level;
}

}  // namespace

Result<void> Digital::open(bool fenced) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  if (LineWorker{sockets->theirs.number(), fenced}.start() < 0) return last_error("the lines' process");
  lines_.open(std::move(sockets->ours));
  return {};
}

/// Had later than at first, an output begins as a safe one.
int Digital::do_claim(std::string_view line, Direction direction, bool initial, bool safe) {
  PortRequest later;
  later.kind = PortRequest::Kind::claim;
  later.is_output = direction == Direction::output;
  later.level = later.safe = safe;
  PortRequest first = later;
  first.level = initial;
  return lines_.claim(line, first, later);
}

void Digital::submit(PortRequest::Kind kind, int line, DigitalOperation& operation) {
  PortRequest request;
  request.kind = kind;
  request.level = operation.level;
  request.deadline = operation.deadline;
  if (!lines_.submit(line, request, &operation, finish_line)) operation.completion = Completion::failed;
}

void Digital::do_write(int line, DigitalOperation& operation) {
  submit(PortRequest::Kind::write, line, operation);
}

void Digital::do_read(int line, DigitalOperation& operation) {
  submit(PortRequest::Kind::read, line, operation);
}

void Digital::do_withdraw(DigitalOperation& operation) {
  if (operation.completion == Completion::pending && lines_.withdraw(&operation))
    operation.completion = Completion::timed_out;
}

}  // namespace signalbox::hal::kernel
