#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "base/instant.hpp"
#include "base/pool_gauge.hpp"
#include "base/ring.hpp"
#include "base/slot_pool.hpp"
#include "protocol/message.hpp"
#include "session/parking.hpp"

namespace signalbox::session {

/// How long an answer is kept for a repeat: so long after its request, and at least for the resume window
/// after it was given. A repeat that comes later could not be carried out anyway.
inline constexpr Duration kAnswerKept = from_ms(protocol::kDeadlineMax_ms) + kResumeWindow;

/// Whose answer waits, and where.
struct Waiter {
  Handle session;
  std::uint32_t place = 0;
};

/// What a client asked under a name of its own, and what came of it.
struct RememberedAnswer {
  std::uint64_t key = 0;     ///< of who, clientId and msgId
  std::uint64_t digest = 0;  ///< of what was asked
  FixedText<31> who{};
  FixedText<36> client_id{};
  FixedText<36> msg_id{};
  bool msg_id_is_number = false;
  Instant asked_at{};
  bool answered = false;
  Instant answered_at{};
  std::variant<protocol::Ack, protocol::Failure> answer{};
  std::array<Waiter, 2> waiters{};

  /// Places, counted from 1; 0: none.
  std::uint32_t older = 0;  ///< in the order of asking
  std::uint32_t newer = 0;
  std::uint32_t next = 0;  ///< of those in the same bucket, or of the free ones
};

/// Keeps the answers of commands by `clientId` and `msgId` (idempotency keys): a repeat gets the stored
/// answer and moves nothing a second time. The last quarter of the places is left to principals who have less
/// than a quarter.
class AnswerMemory {
 public:
  enum class Found : std::uint8_t {
    fresh,      ///< never asked; a place is taken for its answer
    waiting,    ///< asked, not answered yet
    answered,   ///< see `answer`
    different,  ///< the same name for something else
    full,       ///< no place is free, and none becomes free before the `retry_after` of that one
    share,      ///< the same for who has as many as one may have while few are free
  };
  struct Lookup {
    Found found = Found::fresh;
    std::uint32_t place = 0;
  };
  struct Question {
    std::string_view who;  ///< the principal's name
    std::string_view client_id;
    std::string_view msg_id;
    std::uint64_t digest = 0;
    bool msg_id_is_number = false;
  };

  struct Memory {
    std::span<RememberedAnswer> slots;
    std::span<std::uint32_t> buckets;  ///< as many, by keys: the first of each
  };

  explicit AnswerMemory(const Memory& memory);

  Lookup look_up(const Question& question, Instant now);
  /// Adds somebody who waits for the answer in that place; false where no more can wait. Sessions that waited
  /// and are gone, as `is_there(session)` says, make room.
  template <typename IsThere>
  bool wait(std::uint32_t place, const Waiter& waiter, IsThere&& is_there) {
    for (Waiter& free : slots_[place].waiters) {
      if (free.session && is_there(free.session)) continue;
      free = waiter;
      return true;
    }
    return false;
  }
  /// The place is not needed: the command was refused before anything began, and a repeat is a new request.
  void forget(std::uint32_t place);
  /// Keeps the answer; calls `deliver(waiter)` for everybody who waits.
  template <typename Deliver>
  void finish(std::uint32_t place, const std::variant<protocol::Ack, protocol::Failure>& answer, Instant now,
              Deliver&& deliver) {
    RememberedAnswer& kept = slots_[place];
    kept.answer = answer;
    kept.answered = true;
    kept.answered_at = now;
    for (Waiter& waiter : kept.waiters)
      if (waiter.session) deliver(std::exchange(waiter, Waiter{}));
  }
  /// Calls `deliver(waiter)` for everybody who waits for that answer.
  template <typename Deliver>
  void each_waiter(std::uint32_t place, Deliver&& deliver) {
    for (const Waiter& waiter : slots_[place].waiters)
      if (waiter.session) deliver(waiter);
  }
  const std::variant<protocol::Ack, protocol::Failure>& answer(std::uint32_t place) const {
    return slots_[place].answer;
  }
  /// When the answer in that place may go.
  Duration retry_after(std::uint32_t place, Instant now) const;
  /// How many places one principal may have while no more than that are free.
  std::size_t share() const { return share_; }
  const PoolGauge& gauge() const { return gauge_; }

 private:
  RememberedAnswer& at(std::uint32_t number) { return slots_[number - 1]; }
  std::uint32_t& bucket_of(std::uint64_t key) {
    return buckets_[static_cast<std::size_t>(key % buckets_.size())];
  }
  Lookup crowded(std::string_view who);
  std::uint32_t take(std::uint64_t key);
  void drop_old(Instant now);

  std::span<RememberedAnswer> slots_;
  std::span<std::uint32_t> buckets_;
  std::size_t share_;
  /// Places, counted from 1; 0: none.
  std::uint32_t oldest_ = 0;
  std::uint32_t newest_ = 0;
  std::uint32_t free_ = 0;   ///< the first of those that were given back
  std::uint32_t fresh_ = 0;  ///< so many were ever taken
  PoolGauge gauge_;
};

}  // namespace signalbox::session
