#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::hal {

/// Readings of the machine the firmware runs on. These are quick and bounded (procfs on Linux), so they are
/// read at once instead of split-phase. No value: the machine does not offer it.
class Host {
 public:
  struct Memory {
    std::uint64_t total_bytes = 0;
    std::uint64_t available_bytes = 0;
  };
  struct Traffic {
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
  };

  /// Load average over one minute.
  std::optional<double> load() { return do_load(); }
  std::optional<Memory> memory() { return do_memory(); }
  /// Sum over all interfaces but loopback.
  std::optional<Traffic> traffic() { return do_traffic(); }
  std::optional<double> uptime_seconds() { return do_uptime_seconds(); }
  /// Temperature of a thermal zone, found by its type (`cpu-thermal`, `x86_pkg_temp`) or `any`; degrees
  /// Celsius.
  std::optional<double> temperature(std::string_view zone) { return do_temperature(zone); }

 protected:
  ~Host() = default;

 private:
  virtual std::optional<double> do_load() = 0;
  virtual std::optional<Memory> do_memory() = 0;
  virtual std::optional<Traffic> do_traffic() = 0;
  virtual std::optional<double> do_uptime_seconds() = 0;
  virtual std::optional<double> do_temperature(std::string_view zone) = 0;
};

}  // namespace signalbox::hal
