#include "trust/random.hpp"

#include <string_view>

namespace signalbox::trust {
namespace {

int from_board(void* entropy, unsigned char* into, std::size_t size) {
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span{into, size});
  return static_cast<hal::Entropy*>(entropy)->fill(bytes) ? 0 : MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

}  // namespace

Result<void> Random::seed(hal::Entropy& entropy) {
  constexpr std::string_view purpose = "signalbox identity";
  const int failed =
      mbedtls_ctr_drbg_seed(drbg_.get(), from_board, &entropy,
                            reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size());
  if (failed != 0) return Error{Reason::failed, "no good randomness for a key"};
  return {};
}

bool Random::fill(std::span<unsigned char> bytes) {
  return next(generator(), bytes.data(), bytes.size()) == 0;
}

int Random::next(void* generator, unsigned char* into, std::size_t size) {
  return mbedtls_ctr_drbg_random(generator, into, size);
}

}  // namespace signalbox::trust
