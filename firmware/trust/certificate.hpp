#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "mbedtls/pk.h"
#include "mbedtls/x509_crt.h"
#include "trust/owned.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

using Key = Owned<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;
using Certificate = Owned<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;

inline constexpr std::int64_t kDaySeconds = 86'400;
/// How long a server's certificate lasts. Browsers take none over 398 days.
inline constexpr std::int64_t kLeafSeconds = 397 * kDaySeconds;
/// How long the device's authority lasts: longer than the device.
inline constexpr std::int64_t kAuthoritySeconds = 20 * 365 * kDaySeconds;

/// What a device is called, and so what its certificate must name.
struct Names {
  std::span<const std::string_view> hosts;      ///< such as `bench`; a plain one is also named `bench.local`
  std::span<const std::string_view> addresses;  ///< IPv4 and IPv6 as text
};

/// From when to when a certificate is valid, in Unix seconds.
struct Term {
  std::int64_t begins_s = 0;
  std::int64_t ends_s = 0;
};

std::int64_t unix_seconds(const mbedtls_x509_time& time);
Term term_of(const mbedtls_x509_crt& certificate);

/// The date, or the day of this build where the clock is behind it, in Unix seconds: a board without a clock
/// of its own starts in 1970.
std::int64_t believable_s(WallTime now);

/// Text ending in a NUL is written into `into`; its size without that.
using Written = Result<std::size_t>;

/// Makes a P-256 key in `key` and writes it as PEM (RFC 5915).
Written make_key(Key& key, Random& random, std::span<char> into);

/// Writes the certificate of an authority of its own for `key` as PEM (RFC 5280): it may sign the
/// certificates of servers, and none of further authorities. Valid from the day of this build for twenty
/// years.
Written make_authority(Key& key, const Names& names, WallTime now, Random& random, std::span<char> into);

/// Writes a server's certificate for `key`, signed by the authority, as PEM (RFC 5280): the given names,
/// `localhost` and the loopback addresses; valid for 396 days from `now`, and for a day before it. Names that
/// no certificate can hold, and those beyond 16, are left out with a warning.
Written make_leaf(Key& key, Key& authority_key, const mbedtls_x509_crt& authority, const Names& names,
                  WallTime now, Random& random, std::span<char> into);

}  // namespace signalbox::trust
