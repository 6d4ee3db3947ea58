#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "mbedtls/pk.h"
#include "trust/owned.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

using Key = Owned<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;

/// What a device is called, and so what its certificate must name.
struct Names {
  std::span<const std::string_view> hosts;      ///< such as `bench`; a plain one is also named `bench.local`
  std::span<const std::string_view> addresses;  ///< IPv4 and IPv6 as text
};

/// Text ending in a NUL is written into `into`; its size without that.
using Written = Result<std::size_t>;

/// Makes a P-256 key in `key` and writes it as PEM (RFC 5915).
Written make_key(Key& key, Random& random, std::span<char> into);

/// Writes a self-signed server certificate for `key` as PEM (RFC 5280): the given names, `localhost` and the
/// loopback addresses; valid for ten years from `now`, or from the day of this build where that is later.
/// Names that no certificate can hold, and those beyond 16, are left out with a warning.
Written make_certificate(Key& key, const Names& names, WallTime now, Random& random, std::span<char> into);

}  // namespace signalbox::trust
