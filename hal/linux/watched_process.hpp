#pragma once

#include <span>
#include <sys/types.h>

namespace signalbox::hal::kernel {

/// Work that may block, in a process of its own, for somebody who must not wait. A second process watches
/// over it, and starts another one where it dies.
class WatchedProcess {
 public:
  WatchedProcess(const WatchedProcess&) = delete;
  WatchedProcess& operator=(const WatchedProcess&) = delete;

  /// Forks the watching process and returns its id, or -1 with errno. While there is one thread only.
  pid_t start();

 protected:
  /// Exit code of a worker whose peer is gone: nobody needs another one.
  static constexpr int kPeerGone = 0;

  /// As `ps` shows them, at most 15 characters each.
  struct Names {
    const char* watcher;
    const char* worker;
  };

  explicit WatchedProcess(Names names) : names_{names} {}
  ~WatchedProcess() = default;

 private:
  /// The descriptors that both processes keep; all others are closed.
  virtual std::span<const int> do_kept() const = 0;
  /// Gives up what watching does not need, or false.
  virtual bool do_fence_watcher() = 0;
  /// The same for working; called in the worker.
  virtual bool do_fence_worker() = 0;
  /// Works, and exits with kPeerGone or an error.
  virtual void do_work() = 0;
  /// A worker died: whoever waits for its answer gets none.
  virtual void do_tell_death() = 0;
  /// Whether something is left to do once its parent was killed, such as making outputs safe; it then ends by
  /// itself where its peer is gone.
  virtual bool do_outlives_parent() const { return false; }
  /// Whether one that is stopped (SIGSTOP) is taken for hung, and replaced.
  virtual bool do_replaces_stopped() const { return false; }

  [[noreturn]] void watch(pid_t parent);
  [[noreturn]] void work(pid_t parent);
  void belong_to(pid_t parent) const;

  Names names_;
};

}  // namespace signalbox::hal::kernel
