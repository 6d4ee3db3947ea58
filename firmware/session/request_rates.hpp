#pragma once

#include <cstdint>
#include <span>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "base/token_bucket.hpp"

namespace signalbox::session {

/// What whoever asks too fast is told, `busy`; nothing was done of what they asked.
Error too_fast(const Rate& rate, Duration early);

/// How fast each credential asks by HTTP, where every request is a session of its own. Where more credentials
/// ask at once than there are places, the one whose bucket is nearest to full gives way.
class RequestRates {
 public:
  struct Place {
    std::uint64_t credential = 0;
    TokenBucket requests;
  };

  /// At least one place.
  explicit RequestRates(std::span<Place> places) : places_{places} {}

  /// Counts a request of theirs, where it is not too early for it. Error: `busy`, with when to ask again.
  Result<void> take(const Principal& who, const Rate& rate, Instant now);
  /// Requests that were too early.
  std::uint64_t too_fast() const { return too_fast_; }

 private:
  std::span<Place> places_;
  std::uint64_t too_fast_ = 0;
};

}  // namespace signalbox::session
