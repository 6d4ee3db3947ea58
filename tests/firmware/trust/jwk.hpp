#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "trust/base64url.hpp"
#include "trust/es256.hpp"

namespace signalbox::trust {

/// The public half of a key as a JSON Web Key (RFC 7517; RFC 7518 section 6.2.1).
inline std::string jwk_of(const SigningKey& key, std::string_view id) {
  const auto half = [&key](std::size_t at) {
    std::array<char, base64url_characters(32)> text{};
    return std::string{write_base64url(std::span{key.public_key()}.subspan(at, 32), text)};
  };
  return R"({"kty":"EC","crv":"P-256","use":"sig","x":")" + half(1) + R"(","y":")" + half(33) +
         R"(","kid":")" + std::string{id} + "\"}";
}

}  // namespace signalbox::trust
