#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "link/ticket_seal.hpp"

namespace signalbox::link {

/// Who the server is, in PEM. The texts may go once they were taken.
struct Credentials {
  std::string_view certificate;  ///< the server's certificate first, then those that vouch for it
  std::string_view key;          ///< of the first certificate, not encrypted
  std::string_view
      client_authority;  ///< not empty: clients must show a certificate that one of these vouches for
  /// Certificate of an authority of the device's own, handed out to whoever wants to trust it; may be empty.
  /// It stays.
  std::string_view authority{};
};

/// How TLS is spoken here: 1.2 and 1.3, authenticated encryption and forward secrecy only (RFC 9325), tickets
/// for resumption where no client certificates are asked for: who shows one is asked again each time, so that
/// a revoked one is of no use from then on. One for the process, as libwebsockets' hook is.
class Tls {
 public:
  /// The longest chain, in bytes of its certificates: it must fit one message of ours.
  static constexpr std::size_t kChainBytesMax = 4000;

  struct Policy {
    /// AES-GCM before ChaCha20-Poly1305: right where the processor has instructions for AES. Our order
    /// counts.
    bool aes_first = true;
    /// nullptr: no tickets. It stays.
    TicketSeal* tickets = nullptr;
  };

  /// Starts the TLS library and makes every new connection follow these rules. Before the first connection,
  /// after `LibraryHeaps::install`.
  static Result<void> start(const Policy& policy);
  static void stop();
  /// From the next look at a client's certificate on these lists count, for handshakes under way as well.
  /// They were checked.
  static Result<void> use_revocations(std::string_view lists);
  /// Calls `visit(to, id)` with the `trust::certificate_id` of each that stands on them.
  static void each_revoked(void (*visit)(void* to, std::string_view id), void* to);
  /// Whether a certificate (DER) stands on them, or cannot be read.
  static bool is_revoked(std::span<const unsigned char> certificate);

  /// Whether the credentials can be read and belong together; says which part is wrong where not.
  static Result<void> check(const Credentials& credentials);
};

}  // namespace signalbox::link
