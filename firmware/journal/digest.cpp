#include "journal/digest.hpp"

#include "base/check.hpp"
#include "mbedtls/sha256.h"

namespace signalbox::journal {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace

Digest digest_of(std::string_view text) {
  Digest digest{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  SIGNALBOX_CHECK(mbedtls_sha256(bytes, text.size(), digest.data(), 0) == 0);
  return digest;
}

DigestText text_of(const Digest& digest) {
  std::array<char, DigestText::capacity> text{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = kHexDigits[digest[i] >> 4U];
    text[2 * i + 1] = kHexDigits[digest[i] & 0xFU];
  }
  return std::string_view{text.data(), text.size()};
}

bool read_digest(std::string_view text, Digest& into) {
  if (text.size() != 2 * into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const std::size_t high = kHexDigits.find(text[2 * i]);
    const std::size_t low = kHexDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    into[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

}  // namespace signalbox::journal
