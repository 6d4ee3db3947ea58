#include "hal/linux/digital.hpp"

#include "hal/linux/line_worker.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

void finish_line(void* record, const PortReply& reply) {
  auto& operation = *static_cast<DigitalOperation*>(record);
  operation.completion = reply.completion;
  if (reply.completion != Completion::done) return;
  operation.level = reply.level;
  operation.edges = reply.edges;
}

}  // namespace

Result<void> Digital::open(bool fenced) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  if (LineWorker{sockets->theirs.number(), fenced}.start() < 0) return last_error("the lines' process");
  lines_.open(std::move(sockets->ours));
  return {};
}

int Digital::do_claim_input(std::string_view line, const InputSetup& setup) {
  return claim(line, {.input = setup});
}

int Digital::do_claim_output(std::string_view line, bool initial, bool safe) {
  return claim(line, {.is_output = true, .level = initial, .safe = safe});
}

/// Had later than at first, an output begins as a safe one.
int Digital::claim(std::string_view line, const LineSetup& setup) {
  PortRequest first;
  first.kind = PortRequest::Kind::claim;
  first.setup = setup;
  PortRequest later = first;
  later.setup.level = setup.safe;
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
