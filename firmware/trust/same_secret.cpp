#include "trust/same_secret.hpp"

extern "C" {
#include "mbedtls/constant_time.h"
}

namespace signalbox::trust {

bool same_secret(std::string_view known, std::string_view shown) {
  return !known.empty() && known.size() == shown.size() &&
         mbedtls_ct_memcmp(known.data(), shown.data(), known.size()) == 0;
}

}  // namespace signalbox::trust
