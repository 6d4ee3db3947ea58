#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "hal/linux/sysfs.hpp"
#include "hal/survey.hpp"

namespace signalbox::hal::kernel {

/// What the kernel's drivers publish, listed; hal/linux/sysfs reads it by the names that this tells.
class SysfsSurvey {
 public:
  /// `root` stands before `/sys`; for tests.
  explicit SysfsSurvey(std::string_view root = "") : root_{root}, sysfs_{root} {}

  /// Thermal zones, then hwmon, IIO and 1-wire, each in the kernel's order, a device's channels in that of
  /// the alphabet. Left out: what has a name that no setting can hold, and a second zone of a type.
  void find(hal::Survey::Finder& finder) const;

 private:
  using Name = FixedText<31>;
  static constexpr std::size_t kChannelsMax = 32;  ///< of a device
  struct Class;
  struct Channels {
    std::array<Name, kChannelsMax> names{};
    std::size_t count = 0;
  };

  void thermal_zones(hal::Survey::Finder& finder) const;
  void devices(const Class& its, hal::Survey::Finder& finder) const;
  void thermometers(hal::Survey::Finder& finder) const;
  FixedText<63> name_of(const Class& its, int number) const;
  /// The name, and what it hangs on where another has the same name; empty where that is too long.
  Name own_name(const Class& its, int number) const;
  Channels channels(const Class& its, int number) const;

  FixedText<95> root_;
  Sysfs sysfs_;
};

}  // namespace signalbox::hal::kernel
