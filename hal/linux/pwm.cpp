#include "hal/linux/pwm.hpp"

#include "hal/linux/pwm_worker.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {

Result<void> Pwm::open(bool fenced, std::string_view root) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  const auto sys = format_text<127>("%.*s/sys", length(root), root.data());
  if (PwmWorker{sockets->theirs.number(), fenced, root, sys.c_str()}.start() < 0)
    return last_error("the PWM outputs' process");
  outputs_.open(std::move(sockets->ours));
  return {};
}

/// Had later than at first, an output begins as a safe one.
int Pwm::do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
                  double safe_duty) {
  PortRequest later;
  later.kind = PortRequest::Kind::claim;
  later.rate = frequency_hz;
  later.duty = later.safe_duty = safe_duty;
  PortRequest first = later;
  first.duty = initial_duty;
  return outputs_.claim(output, first, later);
}

void Pwm::do_write(int output, PwmOperation& operation) {
  PortRequest request;
  request.kind = PortRequest::Kind::write;
  request.duty = operation.duty;
  request.deadline = operation.deadline;
  const auto finish = [](void* record, const PortReply& reply) {
    static_cast<PwmOperation*>(record)->completion = reply.completion;
  };
  if (!outputs_.submit(output, request, &operation, finish)) operation.completion = Completion::failed;
}

void Pwm::do_withdraw(PwmOperation& operation) {
  if (operation.completion == Completion::pending && outputs_.withdraw(&operation))
    operation.completion = Completion::timed_out;
}

PwmHolds Pwm::do_holds(int output) const {
  if (!outputs_.is_held(output)) return PwmHolds::unknown;
  return outputs_.is_safe(output) ? PwmHolds::safe : PwmHolds::asked;
}

}  // namespace signalbox::hal::kernel
