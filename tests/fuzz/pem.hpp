#pragma once

#include <mbedtls/pem.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"

namespace signalbox::fuzz {

/// DER as PEM, `name` on its first and last line: hardly any change to base64 leaves something to parse.
inline std::string pem_of(std::string_view der, const char* name) {
  const std::string begin = "-----BEGIN " + std::string{name} + "-----\n";
  const std::string end = "-----END " + std::string{name} + "-----\n";
  std::vector<unsigned char> into(2 * der.size() + 200);
  std::size_t size = 0;
  SIGNALBOX_CHECK(mbedtls_pem_write_buffer(begin.c_str(), end.c_str(),
                                           reinterpret_cast<const unsigned char*>(der.data()), der.size(),
                                           into.data(), into.size(), &size) == 0);
  return {reinterpret_cast<const char*>(into.data()), size - 1};
}

}  // namespace signalbox::fuzz
