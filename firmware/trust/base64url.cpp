#include "trust/base64url.hpp"

#include <cstdint>

#include "base/check.hpp"

namespace signalbox::trust {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string_view write_base64url(std::span<const unsigned char> bytes, std::span<char> into) {
  SIGNALBOX_CHECK(into.size() >= base64url_characters(bytes.size()));
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t size = 0;
  for (const unsigned char byte : bytes) {
    bits = (bits << 8U) | byte;
    for (held += 8; held >= 6; held -= 6) into[size++] = kAlphabet[(bits >> (held - 6)) & 0x3FU];
  }
  if (held > 0) into[size++] = kAlphabet[(bits << (6 - held)) & 0x3FU];
  return {into.data(), size};
}

Result<std::size_t> read_base64url(std::string_view text, std::span<unsigned char> into) {
  const Error malformed{Reason::malformed, "no base64url: expected A-Z, a-z, 0-9, - and _, and no padding"};
  const std::size_t bytes = text.size() * 6 / 8;
  if (text.size() % 4 == 1) return malformed;
  if (bytes > into.size()) return Error{Reason::too_big, "more base64url than is taken here"};
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t size = 0;
  for (const char character : text) {
    const std::size_t value = kAlphabet.find(character);
    if (value == std::string_view::npos) return malformed;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    into[size++] = static_cast<unsigned char>(bits >> held);
  }
  if ((bits & ((1U << held) - 1U)) != 0) return malformed;
  return size;
}

}  // namespace signalbox::trust
