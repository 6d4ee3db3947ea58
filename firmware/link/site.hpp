#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::link {

/// By which names this device is reached, and whose pages may reach it. A page of a stranger that made its
/// own name lead here (DNS rebinding) is told by the Host header, one that connects to our name across sites
/// by its Origin: browsers let no page choose either.
class Site {
 public:
  static constexpr std::size_t kHostsMax = 32;
  static constexpr std::size_t kOriginsMax = 8;

  /// A host name or a numeric address, without port; a plain name stands for `NAME.local` too. The text stays
  /// where it is. Errors: `malformed`, `overloaded` beyond `kHostsMax`.
  Result<void> add_host(std::string_view host);
  /// The origin of a page that is not ours, `https://name[:port]` (RFC 6454 section 6.2). The text stays
  /// where it is.
  Result<void> add_origin(std::string_view origin);

  /// Whether a Host header (RFC 9110 section 7.2) names us, whatever the port: what leads to us may translate
  /// it. `local`: the connection's own address, as text; a name cannot be rebound to that.
  bool is_ours(std::string_view authority, std::string_view local) const;
  /// Whether a page of that origin may talk to us: one that we served, by the name it was reached with, or
  /// one that was added. `secure`: we are reached by TLS.
  bool may_come_from(std::string_view origin, std::string_view authority, bool secure) const;
  /// Whether it is the first of these: a page that we served.
  static bool is_own_page(std::string_view origin, std::string_view authority, bool secure);

 private:
  std::array<std::string_view, kHostsMax> hosts_{};
  std::array<std::string_view, kOriginsMax> origins_{};
  std::size_t hosts_count_ = 0;
  std::size_t origins_count_ = 0;
};

}  // namespace signalbox::link
