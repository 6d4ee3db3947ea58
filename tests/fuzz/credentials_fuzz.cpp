// What a client shows to be let in, and the record it is held against.
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "fuzz/input.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/store.hpp"
#include "trust/issuers.hpp"
#include "trust/tokens.hpp"

namespace {

using namespace signalbox;

constexpr trust::Here kHere{"fuzz", {1'763'683'200'123}};

/// A device that has given out one token.
struct Device {
  Device() {
    SIGNALBOX_CHECK(tokens.open(store, entropy).has_value());
    const Scope all{Role::admin};
    const auto issued = tokens.issue(Principal{"fuzz", all}, "owner", all, 1000, kHere);
    SIGNALBOX_CHECK(issued.has_value());
    owner = issued->token;
  }
  sim::Faults faults;
  sim::Store store{faults};
  sim::Entropy entropy{1};
  trust::Tokens tokens;
  std::string owner;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static Device device;
  fuzz::Input input{bytes, size};
  const std::uint8_t flags = input.byte();
  const std::string_view record = input.until('\0');
  const std::string shown = ((flags & 1U) != 0 ? device.owner : std::string{}) + std::string{input.rest()};

  // Nobody comes in but with the very token.
  const Result<Principal> principal = device.tokens.check(shown, kHere);
  SIGNALBOX_CHECK(principal.has_value() == (shown == device.owner));
  SIGNALBOX_CHECK(!device.tokens.is_of_session("0-1", shown) ||
                  shown == device.tokens.of_session("0-1").view());
  const Result<Scope> scope = Scope::parse(shown);
  SIGNALBOX_CHECK(!scope || (scope->covers(*scope) && Scope{Role::admin}.covers(*scope)));
  trust::Issuers issuers;
  const Result<void> read = issuers.read(record);
  SIGNALBOX_CHECK(read.has_value() || !read.error().detail.empty());

  // A damaged record lets in nobody; a good one whom it names.
  sim::Faults faults;
  sim::Store store{faults};
  sim::Entropy entropy{2};
  trust::Tokens tokens;
  SIGNALBOX_CHECK(store.write("tokens", record).has_value());
  const Result<void> opened = tokens.open(store, entropy);
  SIGNALBOX_CHECK(opened.has_value() || !opened.error().detail.empty());
  SIGNALBOX_CHECK(!tokens.check(device.owner, kHere).has_value());
  return 0;
}
