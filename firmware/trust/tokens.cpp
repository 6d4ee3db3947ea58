#include "trust/tokens.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "mbedtls/md.h"

namespace signalbox::trust {
namespace {

constexpr std::string_view kRecord = "token";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTokenBytes = 32;

std::array<char, kTokenCharacters> base64url(const std::array<std::byte, kTokenBytes>& bytes) {
  std::array<char, kTokenCharacters> text{};
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t size = 0;
  for (const std::byte byte : bytes) {
    bits = (bits << 8U) | std::to_integer<std::uint32_t>(byte);
    for (held += 8; held >= 6; held -= 6) text[size++] = kAlphabet[(bits >> (held - 6)) & 0x3FU];
  }
  text[size] = kAlphabet[(bits << (6 - held)) & 0x3FU];
  return text;
}

bool is_token(std::string_view text) {
  return text.size() == kTokenCharacters && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

/// Equal or not, looking at every character whatever the others were, so that the time tells nothing.
bool same(const std::array<char, kTokenCharacters>& known, std::string_view shown) {
  volatile unsigned difference = shown.size() == known.size() ? 0 : 1;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const char character = i < shown.size() ? shown[i] : '\0';
    difference = difference | static_cast<unsigned char>(known[i] ^ character);
  }
  return difference == 0;
}

}  // namespace

Result<void> Tokens::open(hal::Store& store, hal::Entropy& entropy) {
  std::array<char, 2 * kTokenCharacters> record{};
  const Result<std::size_t> size = store.read(kRecord, record);
  if (!size && size.error().reason == Reason::not_found) {
    std::array<std::byte, kTokenBytes> random{};
    if (!entropy.fill(random)) return Error{Reason::failed, "no good randomness for a token", kRecord};
    owner_ = base64url(random);
    const Result<void> written = store.write(kRecord, {owner_.data(), owner_.size()});
    open_ = written.has_value();
    return written;
  }
  if (!size && size.error().reason != Reason::too_big) return size.error();

  std::string_view text{record.data(), size ? *size : 0};
  if (text.ends_with('\n')) text.remove_suffix(1);  // an editor's
  if (!is_token(text)) {
    return Error{Reason::malformed,
                 "record `token` is damaged: 43 of [A-Za-z0-9_-] would be right; remove it for a new one",
                 kRecord};
  }
  std::copy(text.begin(), text.end(), owner_.begin());
  open_ = true;
  return {};
}

FixedText<kTokenCharacters> Tokens::of_session(std::string_view name) const {
  std::array<std::byte, kTokenBytes> mac{};
  const int failed = mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                                     reinterpret_cast<const unsigned char*>(owner_.data()), owner_.size(),
                                     reinterpret_cast<const unsigned char*>(name.data()), name.size(),
                                     reinterpret_cast<unsigned char*>(mac.data()));
  if (!open_ || failed != 0) return {};  // no session can be resumed without
  const std::array<char, kTokenCharacters> text = base64url(mac);
  return std::string_view{text.data(), text.size()};
}

bool Tokens::is_of_session(std::string_view name, std::string_view token) const {
  const FixedText<kTokenCharacters> right = of_session(name);
  std::array<char, kTokenCharacters> known{};
  std::copy(right.view().begin(), right.view().end(), known.begin());
  return right.size() == kTokenCharacters && same(known, token);
}

Result<Principal> Tokens::check(std::string_view token) const {
  if (!open_ || !same(owner_, token)) return Error{Reason::unauthenticated, "not a token of this device"};
  return Principal{"owner", "#", "#", "#"};
}

}  // namespace signalbox::trust
