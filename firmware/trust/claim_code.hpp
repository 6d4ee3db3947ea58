#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

/// The code that turns whoever reads it at the device into its administrator: twelve letters of Crockford's
/// base32, which are 60 random bits, in groups of four. It is known to this run of the device alone.
class ClaimCode {
 public:
  static constexpr std::size_t kLetters = 12;

  /// `failed` without good randomness.
  Result<void> make(Random& random);
  /// It has served, and nothing is right any more.
  void forget() { letters_.clear(); }
  bool is_made() const { return !letters_.empty(); }
  /// As it is printed: `7K3M-Q0XE-94RT`; empty where there is none.
  FixedText<14> text() const;

  /// Whether that is the code; letters may be small, O stands for 0, I and L for 1, and hyphens and spaces
  /// for nothing. Errors: `conflict` where nobody can claim the device; `forbidden` where it is wrong. How
  /// often somebody may try is for others to say; at a thousand codes a second all of them take 36 million
  /// years.
  Result<void> check(std::string_view code);
  std::uint64_t wrong() const { return wrong_; }

 private:
  FixedText<kLetters> letters_;
  std::uint64_t wrong_ = 0;
};

}  // namespace signalbox::trust
