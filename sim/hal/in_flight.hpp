#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "base/check.hpp"
#include "base/instant.hpp"
#include "hal/operation.hpp"
#include "sim/faults.hpp"

namespace signalbox::sim {

/// When a submitted operation happens, and how it ends.
struct Timing {
  Instant ends{};
  hal::Completion outcome = hal::Completion::done;
  Instant begins{};  ///< until then it can be withdrawn
};

/// The timing of an operation on `target` that could begin at `begins`: what is hung holds it up, and what
/// has not begun by its deadline ends then without happening.
inline Timing time_operation(Faults& faults, std::string_view target, Instant begins, Duration takes,
                             Instant deadline) {
  using hal::Completion;
  if (const Fault* hung = faults.strikes(FaultKind::hung, target, begins)) begins = hung->until;
  if (begins > deadline) return {deadline, Completion::timed_out, deadline};
  if (begins == kNever) return {kNever, Completion::failed, kNever};
  if (faults.strikes(FaultKind::slow, target, begins) != nullptr) takes += Faults::kSlowness;
  if (faults.strikes(FaultKind::fails, target, begins) != nullptr)
    return {begins, Completion::failed, begins};
  return {begins + takes, Completion::done, begins};
}

/// Operations under way; the one that ends first comes out first, of equals the one submitted first.
template <typename Record, std::size_t kMax>
class InFlight {
 public:
  struct Entry {
    Record* record = nullptr;
    Timing timing{};
    int place = 0;  ///< line, input or output number
    bool writes = false;
  };

  bool full() const { return count_ == kMax; }
  /// False where there is no room.
  bool add(const Entry& entry) {
    if (full()) return false;
    entries_[count_++] = entry;
    return true;
  }
  /// When the first one ends; kNever where nothing is under way.
  Instant next() const { return count_ == 0 ? kNever : first()->timing.ends; }
  Entry take() {
    SIGNALBOX_CHECK(count_ > 0);
    auto* found = const_cast<Entry*>(first());
    const Entry entry = *found;
    remove(found);
    return entry;
  }
  /// Ends an operation that has not begun.
  void withdraw(Record& record, Instant now) {
    Entry* const end = entries_.data() + count_;
    Entry* found =
        std::find_if(entries_.data(), end, [&record](const Entry& each) { return each.record == &record; });
    if (found == end || found->timing.begins <= now) return;
    record.completion = hal::Completion::timed_out;
    remove(found);
  }

 private:
  void remove(Entry* found) {
    std::move(found + 1, entries_.data() + count_, found);
    --count_;
  }
  const Entry* first() const {
    return std::min_element(entries_.data(), entries_.data() + count_,
                            [](const Entry& a, const Entry& b) { return a.timing.ends < b.timing.ends; });
  }

  std::array<Entry, kMax> entries_{};
  std::size_t count_ = 0;
};

}  // namespace signalbox::sim
