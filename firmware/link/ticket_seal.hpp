#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "trust/ticket_keys.hpp"

struct mbedtls_ssl_session;

namespace signalbox::link {

/// Session tickets (RFC 5077, RFC 8446 section 4.6.1): the session itself, sealed with a key that only we
/// know, kept by the client. The keys come from outside and change by no clock of their own: a ticket is good
/// as long as its key is among them. Its functions are what mbedtls_ssl_conf_session_tickets_cb takes.
///
/// A ticket is the key's name, 12 random bytes, the session encrypted, and 16 bytes of GCM's tag.
class TicketSeal {
 public:
  using Keys = std::span<const trust::TicketKey, 2>;

  /// What clients may count on; half of a key's time at least.
  static constexpr std::uint32_t kLifetimeS = 12 * 3600;

  /// The newest key first. They stay where they are.
  explicit TicketSeal(Keys keys) : keys_{keys} {}

  static int write(void* seal, const mbedtls_ssl_session* session, unsigned char* start,
                   const unsigned char* end, std::size_t* size, std::uint32_t* lifetime_s);
  static int parse(void* seal, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t size);

 private:
  Keys keys_;
};

}  // namespace signalbox::link
