#pragma once

#include <psa/crypto.h>

#include "base/check.hpp"
#include "base/log.hpp"

namespace signalbox::fuzz {

/// Before anything is read that mbedTLS reads: its random numbers are there, and the log keeps silent.
inline void prepare_crypto() {
  static const bool ready = psa_crypto_init() == PSA_SUCCESS;
  SIGNALBOX_CHECK(ready);
  set_log_sink([](Severity, std::string_view) {});
}

}  // namespace signalbox::fuzz
