#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "hal/entropy.hpp"
#include "hal/store.hpp"

namespace signalbox::trust {

/// What session tickets are sealed with (RFC 5077 section 4): AES-256-GCM.
struct TicketKey {
  std::array<unsigned char, 4> name{};  ///< stands in the ticket
  std::array<unsigned char, 32> secret{};
  std::int64_t made_s = 0;  ///< Unix time
};

/// The key of today's tickets and the one before it, in the record `tickets`, so that clients that return
/// after a restart resume their sessions instead of shaking hands in full, all at once. Every twelve hours
/// the older one is forgotten for good (RFC 9325 section 7.4: whoever steals a key reads what it sealed).
class TicketKeys {
 public:
  static constexpr Duration kRotateEvery = std::chrono::hours{12};

  TicketKeys() = default;
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys();

  /// Takes the record or makes a new one, also in the place of a damaged one: losing keys costs handshakes,
  /// nothing else. Errors: `failed` without good randomness.
  Result<void> open(hal::Store& store, hal::Entropy& entropy, WallTime wall, Instant now);

  /// Whether the keys are due: their time has passed by the date, or since they were taken. Where the date
  /// lies before the keys were made it is the clock that is wrong.
  bool is_due(WallTime wall, Instant now) const;
  /// Makes a new key, forgets the older one, and tells the store without waiting for it. A store that fails
  /// is told in the log; the keys serve all the same.
  Result<void> rotate(hal::Store& store, hal::Entropy& entropy, WallTime wall, Instant now);

  /// The newest first. Wiped at the end.
  std::span<const TicketKey, 2> keys() const { return keys_; }

 private:
  Result<void> make(TicketKey& key, hal::Entropy& entropy, WallTime wall);
  bool take(std::string_view record);
  void keep(hal::Store& store) const;

  std::array<TicketKey, 2> keys_{};
  Instant taken_{};
};

}  // namespace signalbox::trust
