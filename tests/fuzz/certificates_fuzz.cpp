// What certificates and lists come from elsewhere: a client's certificate, the lists of those revoked, and
// the chain and key of --certificate and --key. Bit 0 of the first byte: lists, chain and authority as PEM as
// they stand, else DER that is put into PEM here. Then a certificate and a list, each behind its length up to
// 0xFFFF; the rest is a key in DER.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "fuzz/crypto.hpp"
#include "fuzz/input.hpp"
#include "fuzz/pem.hpp"
#include "link/tls.hpp"
#include "sim/hal/entropy.hpp"
#include "trust/client_certificate.hpp"
#include "trust/identity.hpp"

namespace {

using namespace signalbox;

constexpr WallTime kNow{1'763'683'200'000};

/// Nobody, or somebody whose name can stand anywhere a name does.
void show(std::string_view der) {
  const std::optional<Principal> principal =
      trust::principal_of({reinterpret_cast<const unsigned char*>(der.data()), der.size()});
  if (!principal) return;
  const std::string_view name = principal->name.view();
  SIGNALBOX_CHECK(!name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c < '\x7F' && c != '"' && c != '\\';
  }));
  SIGNALBOX_CHECK(principal->may(Right::read, "a/b"));
}

void revoke(std::string_view certificate, const std::string& lists, const std::string& authorities) {
  const Result<std::int64_t> checked = trust::check_revocations(lists, authorities, kNow);
  SIGNALBOX_CHECK(checked.has_value() || !checked.error().detail.empty());
  const Result<void> taken = link::Tls::use_revocations(lists);
  SIGNALBOX_CHECK(taken.has_value() || !taken.error().detail.empty());
  SIGNALBOX_CHECK(taken.has_value() || !checked.has_value());
  link::Tls::is_revoked({reinterpret_cast<const unsigned char*>(certificate.data()), certificate.size()});
  SIGNALBOX_CHECK(link::Tls::is_revoked({}));  // what cannot be read
  SIGNALBOX_CHECK(link::Tls::use_revocations({}).has_value());
}

void adopt(const std::string& chain, const std::string& key) {
  sim::Entropy entropy{1};
  trust::Identity identity;
  const Result<void> adopted = identity.adopt(chain, key, entropy, kNow);
  SIGNALBOX_CHECK(adopted.has_value() || !adopted.error().detail.empty());
  SIGNALBOX_CHECK(adopted.has_value() == !identity.certificate().empty());
  SIGNALBOX_CHECK(adopted.has_value() == !identity.key().empty());
  const Result<void> checked =
      link::Tls::check({.certificate = chain, .key = key, .client_authority = chain});
  SIGNALBOX_CHECK(checked.has_value() || !checked.error().detail.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::prepare_crypto();
  fuzz::Input input{bytes, size};
  const bool as_it_stands = (input.byte() & 1U) != 0;
  const std::string_view certificate = input.text(input.word());
  const std::string_view list = input.text(input.word());
  const std::string key = fuzz::pem_of(input.rest(), "EC PRIVATE KEY");
  const std::string chain =
      as_it_stands ? std::string{certificate} : fuzz::pem_of(certificate, "CERTIFICATE");
  const std::string lists = as_it_stands ? std::string{list} : fuzz::pem_of(list, "X509 CRL");
  show(certificate);
  revoke(certificate, lists, chain);
  adopt(chain, key);
  return 0;
}
