#pragma once

#include <cstddef>
#include <span>

#include "base/result.hpp"
#include "hal/entropy.hpp"
#include "mbedtls/ctr_drbg.h"
#include "trust/owned.hpp"

namespace signalbox::trust {

/// mbedTLS's generator (NIST SP 800-90A CTR_DRBG), fed by the board's entropy.
class Random {
 public:
  /// Before anything else; `failed` where the board has no good randomness.
  Result<void> seed(hal::Entropy& entropy);
  [[nodiscard]] bool fill(std::span<unsigned char> bytes);

  /// What mbedTLS's functions take as `f_rng` and `p_rng`.
  static int next(void* generator, unsigned char* into, std::size_t size);
  void* generator() { return drbg_.get(); }

 private:
  Owned<mbedtls_ctr_drbg_context, mbedtls_ctr_drbg_init, mbedtls_ctr_drbg_free> drbg_;
};

}  // namespace signalbox::trust
