// AES-GCM, which most records are sealed with, against its definition (NIST SP 800-38D) bit by bit: every
// length up to 600 bytes and some up to the longest, in every way it may be split, in place and elsewhere.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>
#include <random>
#include <vector>

#include "hex.hpp"

namespace {

using Block = std::array<std::uint8_t, 16>;

/// What the longest record of TLS seals.
constexpr std::size_t kRecordBytesMax = 16'401;

bool all_good = true;

void expect(bool good, const char* what, std::size_t at = 0) {
  if (!good && all_good) std::printf("WRONG: %s (%zu)\n", what, at);
  all_good = all_good && good;
}

std::uint64_t half(const Block& block, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < 8; ++k) value = value << 8U | block[at + k];
  return value;
}

/// Section 6.3: the product of two blocks, the first bit the lowest power.
Block times(const Block& x, const Block& y) {
  std::array<std::uint64_t, 2> v{half(y, 0), half(y, 8)};
  std::array<std::uint64_t, 2> z{};
  for (std::size_t i = 0; i < 128; ++i) {
    const std::uint64_t taken = (x[i / 8] >> (7 - i % 8) & 1U) != 0 ? ~std::uint64_t{0} : 0;
    z[0] ^= v[0] & taken;
    z[1] ^= v[1] & taken;
    const bool carry = (v[1] & 1U) != 0;
    v[1] = v[1] >> 1U | v[0] << 63U;
    v[0] = v[0] >> 1U ^ (carry ? std::uint64_t{0xE1} << 56U : 0);
  }
  Block product{};
  for (std::size_t k = 0; k < 16; ++k) product[k] = static_cast<std::uint8_t>(z[k / 8] >> (56 - 8 * (k % 8)));
  return product;
}

struct Sealed {
  Bytes text;
  Block tag;
};

/// The definition. `tag_block` is the counter that hides the tag; counting begins behind `first`, which is
/// the same but where a test has it otherwise.
class Reference {
 public:
  explicit Reference(const Bytes& key) {
    mbedtls_aes_init(&aes_);
    mbedtls_aes_setkey_enc(&aes_, key.data(), static_cast<unsigned>(key.size() * 8));
    hash_key_ = encrypted(Block{});
  }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  ~Reference() { mbedtls_aes_free(&aes_); }

  Sealed seal(const Block& tag_block, const Block& first, const Bytes& beside, const Bytes& text) {
    Sealed sealed{text, {}};
    Block counter = first;
    for (std::size_t at = 0; at < text.size(); at += 16) {
      for (std::size_t k = 15; ++counter[k] == 0 && k > 12;) --k;
      const Block mask = encrypted(counter);
      for (std::size_t k = 0; k < 16 && at + k < text.size(); ++k) sealed.text[at + k] ^= mask[k];
    }
    Block sum{};
    hash(sum, beside);
    hash(sum, sealed.text);
    Bytes sizes(16);
    for (std::size_t k = 0; k < 8; ++k) {
      sizes[k] = static_cast<std::uint8_t>(std::uint64_t{beside.size()} * 8 >> (56 - 8 * k));
      sizes[8 + k] = static_cast<std::uint8_t>(std::uint64_t{text.size()} * 8 >> (56 - 8 * k));
    }
    hash(sum, sizes);
    sealed.tag = encrypted(tag_block);
    for (std::size_t k = 0; k < 16; ++k) sealed.tag[k] ^= sum[k];
    return sealed;
  }

 private:
  Block encrypted(const Block& block) {
    Block out{};
    mbedtls_aes_crypt_ecb(&aes_, MBEDTLS_AES_ENCRYPT, block.data(), out.data());
    return out;
  }
  void hash(Block& sum, const Bytes& bytes) const {
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
      for (std::size_t k = 0; k < 16 && at + k < bytes.size(); ++k) sum[k] ^= bytes[at + k];
      sum = times(sum, hash_key_);
    }
  }

  mbedtls_aes_context aes_;
  Block hash_key_;
};

class Gcm {
 public:
  explicit Gcm(const Bytes& key) {
    mbedtls_gcm_init(&gcm_);
    mbedtls_gcm_setkey(&gcm_, MBEDTLS_CIPHER_ID_AES, key.data(), static_cast<unsigned>(key.size() * 8));
  }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm() { mbedtls_gcm_free(&gcm_); }

  Sealed seal(const Bytes& nonce, const Bytes& beside, const Bytes& text) {
    Sealed sealed{text, {}};
    seal(nonce, beside, text.size(), sealed.text.data(), sealed.text.data(), sealed.tag);
    return sealed;
  }
  void seal(const Bytes& nonce, const Bytes& beside, std::size_t size, const std::uint8_t* text,
            std::uint8_t* to, Block& tag) {
    mbedtls_gcm_crypt_and_tag(&gcm_, MBEDTLS_GCM_ENCRYPT, size, nonce.data(), nonce.size(), beside.data(),
                              beside.size(), text, to, tag.size(), tag.data());
  }
  /// In place, as TLS has it.
  bool open(const Bytes& nonce, const Bytes& beside, const Block& tag, Bytes& text) {
    return open(nonce, beside, tag, text.size(), text.data(), text.data());
  }
  bool open(const Bytes& nonce, const Bytes& beside, const Block& tag, std::size_t size,
            const std::uint8_t* text, std::uint8_t* to) {
    return mbedtls_gcm_auth_decrypt(&gcm_, size, nonce.data(), nonce.size(), beside.data(), beside.size(),
                                    tag.data(), tag.size(), text, to) == 0;
  }
  /// In pieces of these sizes, one after another.
  Sealed seal(const Block& first, const Bytes& beside, const Bytes& text,
              const std::vector<std::size_t>& pieces) {
    Sealed sealed{text, {}};
    mbedtls_gcm_starts(&gcm_, MBEDTLS_GCM_ENCRYPT, first.data(), 12);
    // A nonce of 12 bytes begins to count at 1; others anywhere, near the end too.
    std::copy(first.begin(), first.end(), gcm_.MBEDTLS_PRIVATE(y));
    std::size_t size = 0;
    mbedtls_gcm_update_ad(&gcm_, beside.data(), beside.size());
    std::size_t at = 0;
    for (std::size_t i = 0; at < text.size(); ++i) {
      const std::size_t piece = std::min(pieces[i % pieces.size()], text.size() - at);
      mbedtls_gcm_update(&gcm_, sealed.text.data() + at, piece, sealed.text.data() + at, piece, &size);
      at += piece;
    }
    mbedtls_gcm_finish(&gcm_, nullptr, 0, &size, sealed.tag.data(), 16);
    return sealed;
  }

 private:
  mbedtls_gcm_context gcm_;
};

// Test case 4 of the specification that McGrew and Viega submitted to NIST.
void known_answer() {
  const Bytes key = bytes_of("feffe9928665731c6d6a8f9467308308");
  const Bytes nonce = bytes_of("cafebabefacedbaddecaf888");
  const Bytes beside = bytes_of("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes text = bytes_of(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
      "f5aa0d"
      "e657ba637b39");
  const Bytes cipher = bytes_of(
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b"
      "396a0a"
      "ac973d58e091");
  const Bytes tag = bytes_of("5bc94fbc3221a5db94fae95ae7121a47");
  Block first{};
  std::copy(nonce.begin(), nonce.end(), first.begin());
  first[15] = 1;
  const Sealed by_definition = Reference{key}.seal(first, first, beside, text);
  const Sealed sealed = Gcm{key}.seal(nonce, beside, text);
  expect(by_definition.text == cipher && std::equal(tag.begin(), tag.end(), by_definition.tag.begin()),
         "definition");
  expect(sealed.text == cipher && std::equal(tag.begin(), tag.end(), sealed.tag.begin()), "known answer");
}

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// Sealed and opened between bytes that are nobody's: elsewhere, and to 8 bytes before where it is read.
void elsewhere(Gcm& gcm, const Bytes& nonce, const Bytes& beside, const Bytes& text, const Sealed& sealed) {
  constexpr std::size_t kAround = 64;
  constexpr std::uint8_t kNobodys = 0xA5;
  const std::size_t size = text.size();
  const auto is_nobodys = [](std::uint8_t byte) { return byte == kNobodys; };
  for (const bool is_sealing : {true, false}) {
    const Bytes& from = is_sealing ? text : sealed.text;
    const Bytes& right = is_sealing ? sealed.text : text;
    for (const bool overlaps : {false, true}) {
      const std::size_t reads_at = kAround + (overlaps ? 8 : size + kAround);
      Bytes room(reads_at + size + kAround, kNobodys);
      std::copy(from.begin(), from.end(), room.begin() + static_cast<std::ptrdiff_t>(reads_at));
      const std::uint8_t* const read = room.data() + reads_at;
      std::uint8_t* const written = room.data() + kAround;
      Block tag = sealed.tag;
      if (is_sealing) gcm.seal(nonce, beside, size, read, written, tag);
      const bool good = is_sealing ? tag == sealed.tag : gcm.open(nonce, beside, tag, size, read, written);
      expect(good && std::equal(right.begin(), right.end(), written), "not in place", size);
      expect(std::all_of(room.begin(), room.begin() + kAround, is_nobodys) &&
                 std::all_of(room.end() - kAround, room.end(), is_nobodys),
             "nothing beside it is written", size);
      if (!overlaps)
        expect(std::equal(from.begin(), from.end(), read) &&
                   std::all_of<const std::uint8_t*>(written + size, read, is_nobodys),
               "what is read stays", size);
    }
  }
}

/// A bit of each byte changed, of the text and of what is beside it and of the nonce: nothing is given out.
void every_byte(std::size_t key_bytes, std::size_t size) {
  std::mt19937 random{static_cast<unsigned>(size)};
  Gcm gcm{random_bytes(random, key_bytes)};
  Bytes nonce = random_bytes(random, 12);
  Bytes beside = random_bytes(random, 13);
  Sealed sealed = gcm.seal(nonce, beside, random_bytes(random, size));
  for (Bytes* const part : {&sealed.text, &beside, &nonce})
    for (std::uint8_t& byte : *part) {
      const auto bit = static_cast<std::uint8_t>(1U << random() % 8);
      byte ^= bit;
      Bytes text = sealed.text;
      expect(!gcm.open(nonce, beside, sealed.tag, text) && text == Bytes(size), "a changed bit is refused",
             size);
      byte ^= bit;
    }
  expect(gcm.open(nonce, beside, sealed.tag, sealed.text), "all as it was", size);
}

/// With up to so many bytes beside the text: 16 are done at once with it, further ones are not.
void every_length(std::size_t key_bytes, std::size_t beside_max) {
  std::mt19937 random{static_cast<unsigned>(key_bytes)};
  const Bytes key = random_bytes(random, key_bytes);
  Reference reference{key};
  Gcm gcm{key};
  for (std::size_t size = 0; size <= kRecordBytesMax; size += size < 600 ? 1 : 687) {
    const Bytes nonce = random_bytes(random, 12);
    const Bytes beside = random_bytes(random, size % (beside_max + 1));
    const Bytes text = random_bytes(random, size);
    Block first{};
    std::copy(nonce.begin(), nonce.end(), first.begin());
    first[15] = 1;
    const Sealed right = reference.seal(first, first, beside, text);
    const Block tag_block = first;
    Sealed sealed = gcm.seal(nonce, beside, text);
    expect(sealed.text == right.text && sealed.tag == right.tag, "sealed", size);
    elsewhere(gcm, nonce, beside, text, right);
    expect(gcm.open(nonce, beside, sealed.tag, sealed.text) && sealed.text == text, "opened", size);
    if (size > 0) {
      Bytes forged = right.text;
      forged[random() % size] ^= 1U;
      expect(!gcm.open(nonce, beside, right.tag, forged), "a changed byte is refused", size);
    }
    Block forged_tag = right.tag;
    forged_tag[size % 16] ^= static_cast<std::uint8_t>(1U << size / 16 % 8);
    Bytes under_it = right.text;
    expect(!gcm.open(nonce, beside, forged_tag, under_it), "a changed bit of the tag is refused", size);
    std::fill(first.begin() + 12, first.end(), std::uint8_t{0xFF});
    first[15] = static_cast<std::uint8_t>(0xFF - size % 8);  // the counter begins anew on the way
    const Sealed wrapped = reference.seal(tag_block, first, beside, text);
    const std::vector<std::size_t> pieces{1 + random() % 40, 1 + random() % 100, 64, 1 + random() % 16};
    sealed = gcm.seal(first, beside, text, pieces);
    expect(
        sealed.text == wrapped.text && std::equal(sealed.tag.begin(), sealed.tag.end(), wrapped.tag.begin()),
        "in pieces", size);
  }
}

}  // namespace

/// With an argument only what is done at once, which is what differs between processors.
int main(int count, char**) {
  known_answer();
  for (const std::size_t key_bytes : {16U, 24U, 32U})
    for (const std::size_t beside_max : {16U, 34U})
      if (beside_max == 16 || count == 1) every_length(key_bytes, beside_max);
  for (const std::size_t key_bytes : {16U, 24U, 32U})
    for (const std::size_t size : {40U, 300U, 711U}) every_byte(key_bytes, size);
  std::printf("%s\n", all_good ? "ok" : "WRONG");
  return all_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
