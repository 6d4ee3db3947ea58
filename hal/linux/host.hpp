#pragma once

#include <cstddef>
#include <span>

#include "base/fixed_text.hpp"
#include "hal/host.hpp"

namespace signalbox::hal::kernel {

/// This machine, from procfs (proc(5)) and the thermal class of sysfs. Each reading opens, reads and closes a
/// small file.
class Host final : public hal::Host {
 public:
  /// `root` stands before `/proc` and `/sys`; for tests.
  explicit Host(std::string_view root = "") : root_{root} {}

  /// The directories that it reads below.
  static std::span<const char* const> places();

 private:
  std::optional<double> do_load() override;
  std::optional<Memory> do_memory() override;
  std::optional<Traffic> do_traffic() override;
  std::optional<double> do_uptime_seconds() override;
  std::optional<double> do_temperature(std::string_view zone) override;

  /// The file's text as far as `into` reaches; empty where it cannot be read.
  std::string_view read(std::string_view path, std::span<char> into) const;

  FixedText<127> root_;
};

}  // namespace signalbox::hal::kernel
