#include "trust/tickets.hpp"

#include <algorithm>

#include "trust/base64url.hpp"
#include "trust/same_secret.hpp"

namespace signalbox::trust {

namespace {

Error too_many(Reason reason, std::string_view detail, Duration wait) {
  return {reason, detail, {}, static_cast<std::uint32_t>(to_ms(wait)) + 1};
}

}  // namespace

Result<FixedText<43>> Tickets::make(const Principal& who, Instant now, Random& random) {
  std::size_t own = 0;
  Instant first_ends = kNever;
  for (const Ticket& ticket : tickets_) {
    const bool waits = !ticket.text.empty() && ticket.ends > now;
    const bool is_own = ticket.who.credential == who.credential && ticket.who.key == who.key &&
                        ticket.who.certificate == who.certificate;
    if (!waits || !is_own) continue;
    ++own;
    first_ends = std::min(first_ends, ticket.ends);
  }
  if (own >= kOfOneMax)
    return too_many(Reason::busy, "two tickets of yours are waiting to be used", first_ends - now);
  const auto oldest = std::min_element(tickets_.begin(), tickets_.end(),
                                       [](const Ticket& a, const Ticket& b) { return a.ends < b.ends; });
  if (!oldest->text.empty() && oldest->ends > now)
    return too_many(Reason::overloaded, "too many tickets are waiting to be used", oldest->ends - now);
  std::array<unsigned char, 32> bytes{};
  if (!random.fill(bytes)) return Error{Reason::failed, "no good randomness for a ticket"};
  std::array<char, base64url_characters(bytes.size())> text{};
  *oldest = {write_base64url(bytes, text), who, now + kValid};
  return oldest->text;
}

void Tickets::forget_certified(std::string_view certificate) {
  for (Ticket& known : tickets_)
    if (known.who.certificate.view() == certificate) known = {};
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
