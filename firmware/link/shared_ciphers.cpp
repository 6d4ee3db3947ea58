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
  return mbedtls_ssl_save_keys(both, nullptr);
}

void SharedCiphers::share(mbedtls_ssl_context& tls, Keys keys) {
  mbedtls_ssl_transform*& its = owned(tls);
  SIGNALBOX_CHECK(its == tls.private_transform_in && key_bytes(tls) == keys.size());
  for (Shared& cipher : shared_) {
    if (cipher.transform == nullptr) cipher = {its, keys.data()};
    if (mbedtls_ssl_may_load_keys(cipher.transform, its) == 0) continue;
    mbedtls_ssl_save_keys(its, keys.data());
    if (cipher.transform != its) free_transform(its);
    its = nullptr;
    tls.private_transform_in = tls.private_transform_out = cipher.transform;
    return;
  }
}

void SharedCiphers::load(const mbedtls_ssl_context& tls, Keys keys) {
  Shared* cipher = keys.empty() ? nullptr : of(tls);
  if (cipher == nullptr || cipher->loaded == keys.data()) return;
  mbedtls_ssl_load_keys(cipher->transform, keys.data());
  cipher->loaded = keys.data();
}

void SharedCiphers::forget(mbedtls_ssl_context& tls, Keys keys) {
  Shared* cipher = keys.empty() ? nullptr : of(tls);
  if (cipher == nullptr) return;
  mbedtls_platform_zeroize(keys.data(), keys.size());
  if (cipher->loaded == keys.data()) {
    mbedtls_ssl_load_keys(cipher->transform, keys.data());
    cipher->loaded = nullptr;
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
