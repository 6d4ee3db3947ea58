#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

/// The code that turns whoever reads it at the device into its administrator: twelve letters of Crockford's
/// base32, which are 60 random bits, in groups of four. It is known to this run of the device alone.
class ClaimCode {
 public:
  static constexpr std::size_t kLetters = 12;
  /// So many may be wrong at once; each one more makes the next wait twice as long, up to a minute. At that
  /// pace all codes take a million million years.
  static constexpr std::uint32_t kFreeTries = 5;
  static constexpr Duration kFirstWait = from_ms(1000);
  static constexpr Duration kLongestWait = from_ms(60'000);

  /// `failed` without good randomness.
  Result<void> make(Random& random);
  /// It has served, and nothing is right any more.
  void forget() { letters_.clear(); }
  bool is_made() const { return !letters_.empty(); }
  /// As it is printed: `7K3M-Q0XE-94RT`; empty where there is none.
  FixedText<14> text() const;

  /// Whether that is the code; letters may be small, O stands for 0, I and L for 1, and hyphens and spaces
  /// for nothing. Errors: `conflict` where nobody can claim the device; `busy` with when to try again, after
  /// which right and wrong ones are not even looked at; `forbidden` where it is wrong.
  Result<void> check(std::string_view code, Instant now);
  std::uint64_t wrong() const { return wrong_; }

 private:
  FixedText<kLetters> letters_;
  std::uint64_t wrong_ = 0;
  Instant waits_until_{};
};

}  // namespace signalbox::trust
