#pragma once

#include <string_view>

#include "base/result.hpp"

namespace signalbox::link {

/// Who the server is, in PEM. The texts may go once they were taken.
struct Credentials {
  std::string_view certificate;  ///< the server's certificate first, then those that vouch for it
  std::string_view key;          ///< of the first certificate, not encrypted
  std::string_view
      client_authority;  ///< not empty: clients must show a certificate that one of these vouches for
};

/// How TLS is spoken here: 1.2 and 1.3, authenticated encryption and forward secrecy only (RFC 9325), tickets
/// for resumption where no client certificates are asked for. One for the process, as libwebsockets' hook is.
class Tls {
 public:
  /// The longest chain, in bytes of its certificates: it must fit one message of ours.
  static constexpr std::size_t kChainBytesMax = 4000;

  /// Starts the TLS library and makes every new connection follow these rules. Before the first connection,
  /// after `LibraryHeaps::install`.
  static Result<void> start(bool tickets);
  static void stop();

  /// Whether the credentials can be read and belong together; says which part is wrong where not.
  static Result<void> check(const Credentials& credentials);
};

}  // namespace signalbox::link
