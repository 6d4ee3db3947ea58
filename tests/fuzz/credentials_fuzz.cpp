// What a client shows to be let in, and the record it is held against.
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "fuzz/input.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/store.hpp"
#include "trust/tokens.hpp"

namespace {

using namespace signalbox;

struct Device {
  Device() { SIGNALBOX_CHECK(tokens.open(store, entropy).has_value()); }
  sim::Faults faults;
  sim::Store store{faults};
  sim::Entropy entropy{1};
  trust::Tokens tokens;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Device device;
  fuzz::Input input{bytes, size};
  const std::uint8_t flags = input.byte();
  const std::string_view record = input.until('\0');
  const std::string shown =
      ((flags & 1U) != 0 ? std::string{device.tokens.owner()} : std::string{}) + std::string{input.rest()};

  // Nobody comes in but with the very token.
  const Result<Principal> principal = device.tokens.check(shown);
  SIGNALBOX_CHECK(principal.has_value() == (shown == device.tokens.owner()));
  SIGNALBOX_CHECK(!device.tokens.is_of_session("0-1", shown) ||
                  shown == device.tokens.of_session("0-1").view());

  // A damaged record lets in nobody; a good one that token.
  sim::Faults faults;
  sim::Store store{faults};
  sim::Entropy entropy{2};
  trust::Tokens tokens;
  SIGNALBOX_CHECK(store.write("token", record).has_value());
  const Result<void> opened = tokens.open(store, entropy);
  SIGNALBOX_CHECK(opened.has_value() || !opened.error().detail.empty());
  SIGNALBOX_CHECK(opened.has_value() || !tokens.check(record).has_value());
  SIGNALBOX_CHECK(opened.has_value() == !tokens.owner().empty());
  return 0;
}
