#include "session/request_rates.hpp"

#include <algorithm>

#include "base/digest.hpp"

namespace signalbox::session {

Error too_fast(const Rate& rate, Duration early) {
  return {Reason::busy,
          format_text<95>("more than %u requests a second", rate.per_s),
          {},
          static_cast<std::uint32_t>(to_ms(early) + 1)};
}

Result<void> RequestRates::take(const Principal& who, const Rate& rate, Instant now) {
  const std::uint64_t credential =
      Digest{}.add(who.name).add(who.credential).add(who.key).add(who.certificate).value();
  auto its = std::find_if(places_.begin(), places_.end(),
                          [&](const Place& each) { return each.credential == credential; });
  if (its == places_.end()) {
    its = std::min_element(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      return a.requests.full_at() < b.requests.full_at();
    });
    *its = {credential, {}};
  }
  const Duration early = its->requests.take(rate, now);
  if (early == Duration{}) return {};
  ++too_fast_;
  return session::too_fast(rate, early);
}

}  // namespace signalbox::session
