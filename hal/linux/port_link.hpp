#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "hal/linux/descriptor.hpp"
#include "hal/linux/port_record.hpp"

namespace signalbox::hal::kernel {

/// The loop's connection to the process that holds a device. Requests wait here in order; the process has one
/// at a time. So a request that has not begun can be withdrawn, and ends as `timed_out` at its deadline even
/// where the process hangs. Only call() blocks.
class PortLink {
 public:
  using Finish = void (*)(void* record, const PortReply& reply);
  /// What became of the process since it was asked last.
  struct News {
    bool died = false;            ///< and another one takes over
    bool gone = false;            ///< for good: nothing can be asked any more
    std::uint32_t silent_ms = 0;  ///< it made outputs safe after so long
  };

  PortLink() = default;
  explicit PortLink(Descriptor socket) : socket_{std::move(socket)} {}

  bool is_open() const { return static_cast<bool>(socket_); }

  /// Asks, and blocks for the answer, kCallWithin at most. Does not block where the call before had no answer
  /// and nothing was heard since. For the start, and for reading a device file.
  PortReply call(PortRequest request);
  /// False where no more can wait. `finish(record, reply)` is called by a poll().
  bool submit(const PortRequest& request, void* record, Finish finish);
  /// Takes back what has not gone to the process: true, and `finish` is not called.
  bool withdraw(const void* record);
  /// That the loop goes round. What is not taken is not missed.
  void tell_alive();
  /// Finishes what was answered, or whose time is over.
  News poll(Instant now);
  Instant next() const;

 private:
  /// Beyond its deadline an operation that began may take so long; then the process is taken for hung.
  static constexpr Duration kGrace = from_ms(1000);
  static constexpr Duration kCallWithin = from_ms(1000);
  // Answers are looked for as soon as the process can have one, and then less and less often: what takes long
  // is seen a quarter of its time later, and none wakes the loop a thousand times in a second.
  static constexpr Duration kPollFirst = from_ms(1);
  static constexpr Duration kPollLast = from_ms(20);
  /// Nothing was asked: whether it died, or made outputs safe by itself, is looked for that often.
  static constexpr Duration kLookPeriod = from_ms(100);

  struct Entry {
    PortRequest request;
    void* record = nullptr;
    Finish finish = nullptr;
  };

  bool send(PortRequest& request);
  bool receive(PortReply& reply);
  void close();
  void take(const PortReply& reply);
  void send_next();
  void end_overdue();
  void remove(std::size_t place);
  static void end(const Entry& entry, Completion completion, const char* why);

  Descriptor socket_;
  std::array<Entry, 32> entries_{};  ///< the first is with the process where `is_asked_`
  std::size_t count_ = 0;
  bool is_asked_ = false;  ///< the process has a request that it has not answered
  bool given_up_ = false;  ///< and nobody waits for it any more
  std::uint64_t given_up_id_ = 0;
  bool is_deaf_ = false;  ///< a call had no answer
  std::uint64_t last_id_ = 0;
  News news_{};
  Instant now_{};
  Instant asked_at_{};  ///< the process was asked for the first of the entries
  Instant look_at_{};
};

}  // namespace signalbox::hal::kernel
