#include "trust/ticket_keys.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "mbedtls/platform_util.h"

namespace signalbox::trust {
namespace {

constexpr std::string_view kTicketsRecord = "tickets";
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kKeyBytes = 8 + 4 + 32;               ///< when made, big-endian; name; secret
constexpr std::size_t kLineCharacters = 2 * kKeyBytes + 1;  ///< in hexadecimal digits, and the line's end
constexpr std::size_t kRecordCharacters = 2 * kLineCharacters;

using Bytes = std::array<unsigned char, kKeyBytes>;
using Record = std::array<char, kRecordCharacters>;

Bytes pack(const TicketKey& key) {
  Bytes bytes{};
  for (std::size_t i = 0; i < 8; ++i)
    bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(key.made_s) >> (56 - 8 * i));
  std::copy(key.name.begin(), key.name.end(), bytes.begin() + 8);
  std::copy(key.secret.begin(), key.secret.end(), bytes.begin() + 12);
  return bytes;
}

TicketKey unpack(const Bytes& bytes) {
  TicketKey key;
  std::uint64_t made = 0;
  for (std::size_t i = 0; i < 8; ++i) made = made << 8U | bytes[i];
  key.made_s = static_cast<std::int64_t>(made);
  std::copy_n(bytes.begin() + 8, key.name.size(), key.name.begin());
  std::copy_n(bytes.begin() + 12, key.secret.size(), key.secret.begin());
  return key;
}

}  // namespace

TicketKeys::~TicketKeys() { mbedtls_platform_zeroize(keys_.data(), sizeof keys_); }

Result<void> TicketKeys::open(hal::Store& store, hal::Entropy& entropy, WallTime wall, Instant now) {
  Record record{};
  const Result<std::size_t> size = store.read(kTicketsRecord, record);
  const bool taken = size && take({record.data(), *size});
  mbedtls_platform_zeroize(record.data(), record.size());
  taken_ = now;
  if (taken) return is_due(wall, now) ? rotate(store, entropy, wall, now) : Result<void>{};
  if (size || size.error().reason != Reason::not_found) {
    log(Severity::warning,
        "record `tickets` is damaged and made anew: clients that return shake hands in full");
  }
  for (TicketKey& key : keys_)
    if (const Result<void> made = make(key, entropy, wall); !made) return made;
  keep(store);
  return {};
}

Result<void> TicketKeys::make(TicketKey& key, hal::Entropy& entropy, WallTime wall) {
  TicketKey made{.made_s = wall.unix_ms / 1000};
  if (!entropy.fill(std::as_writable_bytes(std::span{made.name})) ||
      !entropy.fill(std::as_writable_bytes(std::span{made.secret})))
    return Error{Reason::failed, "no good randomness for ticket keys", kTicketsRecord};
  key = made;
  return {};
}

bool TicketKeys::take(std::string_view record) {
  if (record.size() != kRecordCharacters) return false;
  for (TicketKey& key : keys_) {
    Bytes bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t high = kDigits.find(record[2 * i]);
      const std::size_t low = kDigits.find(record[2 * i + 1]);
      if (high == std::string_view::npos || low == std::string_view::npos) return false;
      bytes[i] = static_cast<unsigned char>(high << 4U | low);
    }
    if (record[kLineCharacters - 1] != '\n') return false;
    key = unpack(bytes);
    mbedtls_platform_zeroize(bytes.data(), bytes.size());
    if (key.made_s < 0) return false;  // no such time
    record.remove_prefix(kLineCharacters);
  }
  return true;
}

bool TicketKeys::is_due(WallTime wall, Instant now) const {
  const std::int64_t every_s = std::chrono::duration_cast<std::chrono::seconds>(kRotateEvery).count();
  return wall.unix_ms / 1000 - keys_[0].made_s >= every_s || now - taken_ >= kRotateEvery;
}

Result<void> TicketKeys::rotate(hal::Store& store, hal::Entropy& entropy, WallTime wall, Instant now) {
  TicketKey next;
  if (const Result<void> made = make(next, entropy, wall); !made) return made;
  keys_[1] = keys_[0];
  keys_[0] = next;
  mbedtls_platform_zeroize(&next, sizeof next);
  taken_ = now;
  keep(store);
  return {};
}

void TicketKeys::keep(hal::Store& store) const {
  Record record{};
  std::size_t size = 0;
  for (const TicketKey& key : keys_) {
    Bytes bytes = pack(key);
    for (const unsigned char byte : bytes) {
      record[size++] = kDigits[byte >> 4U];
      record[size++] = kDigits[byte & 0xFU];
    }
    record[size++] = '\n';
    mbedtls_platform_zeroize(bytes.data(), bytes.size());
  }
  const Result<void> written = store.write_soon(kTicketsRecord, {record.data(), size});
  mbedtls_platform_zeroize(record.data(), record.size());
  if (!written)
    log(Severity::warning, "ticket keys are not kept for the next start: %s", written.error().detail.c_str());
}

}  // namespace signalbox::trust
