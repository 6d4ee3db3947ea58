#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "mbedtls/x509_crt.h"

namespace signalbox::trust {

struct Names;

/// Whether it is an IPv4 or IPv6 address that a certificate can hold (one with a zone is none).
bool is_address(std::string_view text);

/// The names of a certificate in mbedTLS's form (RFC 5280 section 4.2.1.6): those given, what follows from
/// them, and the machine's names for itself. Each stands once.
class SubjectNames {
 public:
  static constexpr std::size_t kNamesMax = 16;

  explicit SubjectNames(const Names& names);
  SubjectNames(const SubjectNames&) = delete;
  SubjectNames& operator=(const SubjectNames&) = delete;
  ~SubjectNames() = default;

  mbedtls_x509_san_list* list() { return nodes_.data(); }
  /// Whether these are the certificate's names, neither more nor fewer.
  bool are_of(const mbedtls_x509_crt& certificate) const;
  /// The first host given that is a host name, else `localhost`.
  std::string_view first_host() const { return first_host_.empty() ? "localhost" : first_host_; }

 private:
  using Bytes = std::array<unsigned char, 253>;  ///< the longest host name (RFC 1035 section 2.3.4)

  bool has(int type, std::string_view bytes) const;
  void add_host(std::string_view host);
  void add_address(std::string_view address);
  void add(int type, std::string_view bytes, std::string_view as_given);

  std::array<Bytes, kNamesMax> bytes_{};
  std::array<mbedtls_x509_san_list, kNamesMax> nodes_{};
  std::size_t count_ = 0;
  std::string_view first_host_;
};

}  // namespace signalbox::trust
