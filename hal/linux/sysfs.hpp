#pragma once

#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/attribute.hpp"

namespace signalbox::hal::kernel {

/// The numbers of the kernel's drivers, each in a small file: Documentation/hwmon/sysfs-interface.rst,
/// Documentation/ABI/testing/sysfs-bus-iio and sysfs-driver-w1_therm. The kernel numbers the devices of a
/// class in the order in which they come, so each reading looks for its device by name. Nothing is listed:
/// the classes give the lowest free number, and a 1-wire master has the ids of its slaves in a file. Listing
/// is done once, by hal/linux/sysfs_survey.
class Sysfs {
 public:
  /// `root` stands before `/sys`; for tests.
  explicit Sysfs(std::string_view root = "") : root_{root} {}

  /// Whether there can be such a source: names are parts of paths.
  static bool is_source(const AttributeSource& source);
  /// The number, in the units of AttributeReading. `notFound` where the source is not there, else `failed`,
  /// with words for a person. Blocks as long as the driver does: a DS18B20 for up to 750 ms.
  Result<double> read(const AttributeSource& source) const;

  using Path = FixedText<127>;
  /// What is in the file, trimmed; an error where it cannot be read, or has more than a number's or name's
  /// length.
  Result<FixedText<63>> text(const Path& path) const;

 private:
  struct Class;

  Result<double> number(const Path& path) const;
  bool hangs_on(const Path& device, std::string_view parent) const;
  Result<Path> find(const Class& its, std::string_view name) const;
  Result<double> hwmon(const AttributeSource& source) const;
  Result<double> iio(const AttributeSource& source) const;
  Result<double> scaled(const Path& device, std::string_view channel) const;
  /// `offset` or `scale`: the channel's own or that of all of its type; where there is none, `otherwise`.
  Result<double> part_of(const Path& device, std::string_view channel, const char* what,
                         double otherwise) const;
  Result<double> one_wire(std::string_view id) const;
  Result<FixedText<31>> any_thermometer() const;

  FixedText<95> root_;
};

}  // namespace signalbox::hal::kernel
