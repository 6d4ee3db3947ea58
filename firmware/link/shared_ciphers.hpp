#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

struct mbedtls_ssl_context;
struct mbedtls_ssl_transform;

namespace signalbox::link {

/// What seals and opens records, one for all connections with the same cipher, where mbedTLS has 1.7 KB for
/// each. A connection keeps its keys, expanded as they are used, in a third of that; they are copied in when
/// another's were used last.
class SharedCiphers {
 public:
  using Keys = std::span<unsigned char>;

  SharedCiphers() = default;
  SharedCiphers(const SharedCiphers&) = delete;
  SharedCiphers& operator=(const SharedCiphers&) = delete;
  ~SharedCiphers() { clear(); }

  /// How many bytes the keys of a connection that has shaken hands take; 0: it has to keep its own contexts.
  static std::size_t key_bytes(const mbedtls_ssl_context& tls);
  /// Takes its contexts from it; `keys`, of that size, hold what made them its own from now on.
  void share(mbedtls_ssl_context& tls, Keys keys);
  /// Before mbedTLS reads or writes a record of it.
  void load(const mbedtls_ssl_context& tls, Keys keys);
  /// Before it writes one and reads none: half of the work.
  void load_outgoing(const mbedtls_ssl_context& tls, Keys keys);
  /// Before the connection goes. Its keys are wiped, here too.
  void forget(mbedtls_ssl_context& tls, Keys keys);
  /// When all have gone.
  void clear();

 private:
  struct Shared {
    mbedtls_ssl_transform* transform = nullptr;
    std::array<const unsigned char*, 2> loaded{};  ///< whose keys are in it: incoming, outgoing
  };
  /// Suites that we let be chosen (link/tls), in two versions of TLS.
  static constexpr std::size_t kCiphers = 6;

  enum Direction : std::uint8_t { incoming, outgoing };

  static mbedtls_ssl_transform*& owned(mbedtls_ssl_context& tls);
  static Keys half(Keys keys, Direction direction);
  static void load(Shared& cipher, Keys keys, Direction direction);
  Shared* of(const mbedtls_ssl_context& tls);

  std::array<Shared, kCiphers> shared_{};
};

}  // namespace signalbox::link
