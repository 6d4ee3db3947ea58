#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace signalbox::trust {

/// Slows down whoever shows wrong credentials, by where they come from and by whose they claim to be. A few
/// failures are free; each further one doubles how long the next attempt has to wait. One failure is forgiven
/// every half minute, none for showing a right credential between wrong ones.
///
/// All attempts from a network wait, right ones too: to tell them apart would be the attempt. Attempts for a
/// slowed account wait only where their network has failures of its own that are not all forgiven yet. So
/// whoever spreads guesses over many networks has one guess from each; and strangers do not lock out the
/// owner, who is let in from any network that did not fail, and from where they were let in before.
class LoginThrottle {
 public:
  static constexpr Duration kForgiveEvery = from_ms(30'000);
  static constexpr Duration kDelayMin = from_ms(1000);
  static constexpr Duration kToldEvery = from_ms(10'000);
  static constexpr Duration kNetworkDelayMax = from_ms(60'000);
  static constexpr Duration kAccountDelayMax = from_ms(4000);
  static constexpr std::uint32_t kAccountFactor = 4;  ///< an account's free failures, times a network's

  /// The failures of one network or account.
  struct Record {
    std::uint64_t key = 0;
    std::uint32_t failures = 0;  ///< at `last`; 0: the record is free
    Instant last{};
    Instant until{};  ///< the next attempt
  };
  struct Memory {
    std::span<Record> records;
    std::span<std::uint64_t> known;  ///< accounts, each with a network it was used from; the oldest gives way
  };

  /// `free`: a network's failures that cost nothing; 0: nobody is ever slowed down.
  LoginThrottle(const Memory& memory, std::uint32_t free) : memory_{memory}, free_{free} {}

  /// Whether a credential from there may be looked at now; `busy`, and when to try again, where it may not.
  /// `network` as `link::Peer::network` tells it; an empty `account` is nobody's.
  Result<void> allow(std::uint64_t network, std::string_view account, Instant now) const;
  /// Who begins to be slowed.
  enum class Slowed : std::uint8_t { nobody, network, account };
  /// It was wrong. Who is slowed and was not before, so that it is worth telling; nobody where somebody else
  /// was told of a moment ago.
  Slowed failed(std::uint64_t network, std::string_view account, Instant now);
  /// It was right.
  void succeeded(std::uint64_t network, std::string_view account);

  std::uint64_t failures() const { return failures_; }
  /// Attempts that were put off.
  std::uint64_t put_off() const { return put_off_; }

 private:
  const Record* find(std::uint64_t key) const;
  Record& find_or_make(std::uint64_t key, Instant now);
  bool add(std::uint64_t key, std::uint32_t free, Duration delay_max, Instant now);
  bool is_known(std::uint64_t network, std::string_view account) const;

  Memory memory_;
  std::uint32_t free_;
  std::size_t next_known_ = 0;
  Instant tell_at_{};  ///< not before
  std::uint64_t failures_ = 0;
  mutable std::uint64_t put_off_ = 0;
};

}  // namespace signalbox::trust
