// Private keys, certificates and chains that somebody put into the store.
// The first byte says how the rest is meant: PEM as it stands, or DER that is put into PEM here, since hardly
// any change to base64 leaves something to parse. What follows it, up to 0xFFFF as a length, is the key; the
// rest the certificate. Bit 3: both are the record `authority`, and there is nothing else.
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "fuzz/crypto.hpp"
#include "fuzz/input.hpp"
#include "fuzz/pem.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/store.hpp"
#include "trust/identity.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace signalbox;
  fuzz::prepare_crypto();
  fuzz::Input input{bytes, size};
  const std::uint8_t flags = input.byte();
  const std::string_view first = input.text(input.word());
  const std::string_view second = input.rest();
  sim::Faults faults;
  sim::Store store{faults};
  sim::Entropy entropy{1};
  const std::string key = (flags & 1U) != 0 ? std::string{first} : fuzz::pem_of(first, "EC PRIVATE KEY");
  const std::string certificate =
      (flags & 2U) != 0 ? std::string{second} : fuzz::pem_of(second, "CERTIFICATE");
  if ((flags & 8U) != 0) {
    SIGNALBOX_CHECK(store.write("authority", key + certificate).has_value());
  } else {
    SIGNALBOX_CHECK(store.write("key", key).has_value() &&
                    store.write("certificate", certificate).has_value());
  }
  trust::Identity identity;
  const Result<void> opened = identity.open(store, entropy, {1'763'683'200'000}, {});
  SIGNALBOX_CHECK(opened.has_value() || !opened.error().detail.empty());
  SIGNALBOX_CHECK(opened.has_value() == !identity.certificate().empty());
  SIGNALBOX_CHECK(opened.has_value() == !identity.key().empty());
  if (opened) SIGNALBOX_CHECK(identity.fingerprint().size() == 95);
  return 0;
}
