#include "trust/tickets.hpp"

#include <algorithm>

#include "trust/base64url.hpp"
#include "trust/same_secret.hpp"

namespace signalbox::trust {

Result<FixedText<43>> Tickets::make(const Principal& who, Instant now, Random& random) {
  const auto oldest = std::min_element(tickets_.begin(), tickets_.end(),
                                       [](const Ticket& a, const Ticket& b) { return a.ends < b.ends; });
  if (!oldest->text.empty() && oldest->ends > now)
    return Error{Reason::overloaded,
                 "too many tickets are waiting to be used",
                 {},
                 static_cast<std::uint32_t>(to_ms(oldest->ends - now)) + 1};
  std::array<unsigned char, 32> bytes{};
  if (!random.fill(bytes)) return Error{Reason::failed, "no good randomness for a ticket"};
  std::array<char, base64url_characters(bytes.size())> text{};
  *oldest = {write_base64url(bytes, text), who, now + kValid};
  return oldest->text;
}

Result<Principal> Tickets::redeem(std::string_view ticket, Instant now) {
  for (Ticket& known : tickets_) {
    if (!same_secret(known.text, ticket)) continue;
    const Ticket used = known;
    known = {};
    if (now < used.ends) return used.who;
  }
  return Error{Reason::unauthenticated,
               "no ticket, or it was used, or 30 s have passed; ask for another one"};
}

}  // namespace signalbox::trust
