// Whole sessions: several clients who come, talk, fall silent, read late, vanish; hardware that fails, a
// clock that jumps, device files that change; all of it decided by the fuzzer's bytes.
#include <cstdint>

#include "base/log.hpp"
#include "fuzz/crowd.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  signalbox::set_log_sink([](signalbox::Severity, std::string_view) {});
  signalbox::fuzz::Input input{bytes, size};
  signalbox::fuzz::Crowd crowd{input};
  while (!input.is_empty()) crowd.act();
  crowd.end();
  return 0;
}
