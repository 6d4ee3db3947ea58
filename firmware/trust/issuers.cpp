#include "trust/issuers.hpp"

#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "trust/base64url.hpp"

namespace signalbox::trust {
namespace {

using protocol::JsonReader;

Result<void> read_word(const JsonReader& entry, std::string_view name, std::string_view expected) {
  const Result<std::string_view> found = entry.text(name, 31);
  if (!found) return found.error();
  if (*found != expected)
    return entry.error(Reason::malformed, name, protocol::found_instead(*found, expected));
  return {};
}

Result<void> read_half(const JsonReader& entry, std::string_view name, std::span<unsigned char> into) {
  const Result<std::string_view> text = entry.text(name, base64url_characters(kHalf));
  if (!text) return text.error();
  const Result<std::size_t> size = read_base64url(*text, into);
  if (size && *size == kHalf) return {};
  return entry.error(Reason::malformed, name, "expected 32 bytes in base64url without padding");
}

}  // namespace

Result<void> Issuers::read(std::string_view text) {
  count_ = 0;
  const Result<void> taken = take(text);
  if (!taken) count_ = 0;
  return taken;
}

Result<void> Issuers::take(std::string_view text) {
  if (text.empty()) return {};
  const Result<JsonDocument> document = protocol::parse_json(text);
  if (!document) return document.error();
  const JsonReader set{document->top(), ""};
  const Result<std::size_t> count = set.list("keys", 1, kKeysMax);
  if (!count) return count.error();
  for (std::size_t i = 0; i < *count; ++i) {
    const Result<JsonReader> entry = set.object_at("keys", i);
    if (!entry) return entry.error();
    Entry& key = keys_[i];
    Result<void> step = read_word(*entry, "kty", "EC");
    if (step) step = read_word(*entry, "crv", "P-256");
    if (step) step = read_half(*entry, "x", std::span{key.key}.subspan(1, kHalf));
    if (step) step = read_half(*entry, "y", std::span{key.key}.subspan(1 + kHalf, kHalf));
    if (!step) return step;
    key.key[0] = 4;
    if (!is_public_key(key.key)) return entry->error(Reason::malformed, "x", "x and y are no point of P-256");
    const Result<std::string_view> id = entry->text("kid", key.id.capacity);
    if (!id) return id.error();
    if (find(*id) != nullptr)
      return entry->error(Reason::malformed, "kid", "found twice; expected one for each key");
    key.id = *id;
    count_ = i + 1;
  }
  return {};
}

const PublicKey* Issuers::find(std::string_view key_id) const {
  for (std::size_t i = 0; i < count_; ++i)
    if (keys_[i].id.view() == key_id) return &keys_[i].key;
  return nullptr;
}

}  // namespace signalbox::trust
