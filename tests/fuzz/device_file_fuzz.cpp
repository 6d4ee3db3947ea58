// Device files: read by people, so every mistake has a place and words; one that is accepted starts.
#include <algorithm>
#include <cstdint>

#include "base/check.hpp"
#include "base/json_document.hpp"
#include "base/log.hpp"
#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "fuzz/input.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"
#include "sim/world.hpp"

namespace {

using namespace signalbox;

std::array<device::Channel, 16> channels;
std::array<device::Part, 12> parts;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  set_log_sink([](Severity, std::string_view) {});
  sim::World world;
  sim::Faults faults;
  sim::Clock clock;
  sim::Host host{clock};
  sim::Platform platform{world, faults, host};
  device::Roster roster{channels, parts};
  const auto mistake = device::read_device_file(text, drivers::catalogue(), roster);
  if (mistake) {
    const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    SIGNALBOX_CHECK(mistake->line <= lines);
    SIGNALBOX_CHECK(!mistake->found.empty() && !mistake->expected.empty());
    SIGNALBOX_CHECK(fuzz::is_utf8(mistake->text()));
    return 0;
  }
  SIGNALBOX_CHECK(JsonDocument{text}.top() != nullptr);
  SIGNALBOX_CHECK(!roster.parts().empty() || roster.channels().empty());
  const Result<void> started = roster.start(platform.ports());  // it may name what the bench has not
  if (!started) SIGNALBOX_CHECK(!started.error().detail.empty());
  return 0;
}
