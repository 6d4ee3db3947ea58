#include "link/shared_ciphers.hpp"

#include <algorithm>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>

#include "base/check.hpp"
#include "link/mbedtls_inside.hpp"

namespace signalbox::link {
namespace {

void free_transform(mbedtls_ssl_transform* transform) {
  if (transform != nullptr) mbedtls_ssl_transform_free(transform);
  mbedtls_free(transform);
}

}  // namespace

/// Where the connection keeps the one that it frees: TLS 1.3 has another place for it than 1.2.
mbedtls_ssl_transform*& SharedCiphers::owned(mbedtls_ssl_context& tls) {
  return tls.private_transform_application != nullptr ? tls.private_transform_application
                                                      : tls.private_transform;
}

SharedCiphers::Shared* SharedCiphers::of(const mbedtls_ssl_context& tls) {
  const auto its = std::find_if(shared_.begin(), shared_.end(), [&](const Shared& cipher) {
    return cipher.transform == tls.private_transform_in;
  });
  return its != shared_.end() ? &*its : nullptr;
}

std::size_t SharedCiphers::key_bytes(const mbedtls_ssl_context& tls) {
  mbedtls_ssl_transform* both = tls.private_transform_in;
  if (both == nullptr || both != tls.private_transform_out) return 0;
  return mbedtls_ssl_save_keys(both, incoming, nullptr) + mbedtls_ssl_save_keys(both, outgoing, nullptr);
}

/// The cipher is the same both ways, so both halves are of one size.
SharedCiphers::Keys SharedCiphers::half(Keys keys, Direction direction) {
  return keys.subspan(direction * (keys.size() / 2), keys.size() / 2);
}

void SharedCiphers::share(mbedtls_ssl_context& tls, Keys keys) {
  mbedtls_ssl_transform*& its = owned(tls);
  SIGNALBOX_CHECK(its == tls.private_transform_in && key_bytes(tls) == keys.size());
  for (Shared& cipher : shared_) {
    if (cipher.transform == nullptr) cipher = {its, {}};
    if (mbedtls_ssl_may_load_keys(cipher.transform, its) == 0) continue;
    for (const Direction direction : {incoming, outgoing})
      mbedtls_ssl_save_keys(its, direction, half(keys, direction).data());
    if (cipher.transform != its) free_transform(its);
    its = nullptr;
    tls.private_transform_in = tls.private_transform_out = cipher.transform;
    return;
  }
}

void SharedCiphers::load(Shared& cipher, Keys keys, Direction direction) {
  const Keys its = half(keys, direction);
  if (cipher.loaded[direction] == its.data()) return;
  mbedtls_ssl_load_keys(cipher.transform, direction, its.data());
  cipher.loaded[direction] = its.data();
}

void SharedCiphers::load(const mbedtls_ssl_context& tls, Keys keys) {
  Shared* cipher = keys.empty() ? nullptr : of(tls);
  if (cipher == nullptr) return;
  load(*cipher, keys, incoming);
  load(*cipher, keys, outgoing);
}

void SharedCiphers::load_outgoing(const mbedtls_ssl_context& tls, Keys keys) {
  Shared* cipher = keys.empty() ? nullptr : of(tls);
  if (cipher != nullptr) load(*cipher, keys, outgoing);
}

void SharedCiphers::forget(mbedtls_ssl_context& tls, Keys keys) {
  Shared* cipher = keys.empty() ? nullptr : of(tls);
  if (cipher == nullptr) return;
  mbedtls_platform_zeroize(keys.data(), keys.size());
  for (const Direction direction : {incoming, outgoing}) {
    const Keys its = half(keys, direction);
    if (cipher->loaded[direction] != its.data()) continue;
    mbedtls_ssl_load_keys(cipher->transform, direction, its.data());
    cipher->loaded[direction] = nullptr;
  }
  tls.private_transform_in = tls.private_transform_out = nullptr;
}

void SharedCiphers::clear() {
  for (Shared& cipher : shared_) {
    free_transform(cipher.transform);
    cipher = {};
  }
}

}  // namespace signalbox::link
