#pragma once

#include <array>
#include <span>

#include "hal/linux/port_record.hpp"
#include "hal/linux/sandbox.hpp"
#include "hal/linux/watched_process.hpp"

namespace signalbox::hal::kernel {

/// A process that holds a device. It looks at each request's deadline before the system call that fulfils it:
/// what comes too late does not happen.
class PortWorker : public WatchedProcess {
 protected:
  /// `socket`: open in this process, one end of a pair of SOCK_SEQPACKET.
  PortWorker(Names names, int socket, bool fenced, const PortFence& fence = {})
      : WatchedProcess{names}, kept_{socket}, fenced_{fenced}, fence_{fence} {}
  ~PortWorker() = default;

  void send(const PortReply& reply) const;

 private:
  /// Fulfils a request, into `reply`.
  virtual void do_serve(const PortRequest& request, PortReply& reply) = 0;
  /// Something was heard of the loop. How long to wait for more before do_silence(), in ms; -1: for ever.
  virtual int do_heard(const PortRequest& /*request*/) { return -1; }
  /// Nothing was heard for so long. The same again.
  virtual int do_silence() { return -1; }
  /// The loop is gone for good.
  virtual void do_gone() {}

  std::span<const int> do_kept() const override { return kept_; }
  bool do_fence_watcher() override;
  bool do_fence_worker() override;
  void do_work() override;
  void do_tell_death() override;
  bool do_replaces_stopped() const override { return true; }
  void serve(const PortRequest& request);

  std::array<int, 1> kept_;
  bool fenced_;
  PortFence fence_;
};

}  // namespace signalbox::hal::kernel
