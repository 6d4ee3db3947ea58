#include "hal/linux/sysfs_survey.hpp"

#include <algorithm>
#include <dirent.h>
#include <unistd.h>

namespace signalbox::hal::kernel {

/// A class of devices, and what a file of theirs ends with that has a channel's value.
struct SysfsSurvey::Class {
  AttributeSource::Subsystem subsystem;
  const char* device;  ///< with its number to come
  int levels;          ///< from a device up to what it hangs on
  std::array<std::string_view, 2> endings;
};

namespace {

constexpr int kNumbersMax = 64;

/// The files of a directory, as long as it is wanted.
class Listing {
 public:
  explicit Listing(const char* path) : stream_{opendir(path)} {}
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;
  ~Listing() {
    if (stream_ != nullptr) closedir(stream_);
  }

  /// The next one's name; empty at the end.
  std::string_view next() {
    const dirent* entry = stream_ == nullptr ? nullptr : readdir(stream_);
    return entry == nullptr ? std::string_view{} : std::string_view{static_cast<const char*>(entry->d_name)};
  }

 private:
  DIR* stream_;
};

}  // namespace

void SysfsSurvey::find(hal::Survey::Finder& finder) const {
  thermal_zones(finder);
  devices({AttributeSource::Subsystem::hwmon, "/sys/class/hwmon/hwmon", 2, {"_input", "_average"}}, finder);
  devices({AttributeSource::Subsystem::iio, "/sys/bus/iio/devices/iio:device", 1, {"_input", "_raw"}},
          finder);
  thermometers(finder);
}

void SysfsSurvey::thermal_zones(hal::Survey::Finder& finder) const {
  const auto type = [this](int number) {
    const auto told = sysfs_.text(format_text<127>("/sys/class/thermal/thermal_zone%d/type", number));
    return told ? *told : FixedText<63>{};
  };
  for (int i = 0; i < kNumbersMax; ++i) {
    const FixedText<63> its = type(i);
    if (its.empty()) return;  // they are numbered without gaps
    bool is_second = false;
    for (int j = 0; j < i; ++j) is_second = is_second || type(j) == its;
    if (!is_second && its.size() <= Name::capacity) finder.thermal_zone(its);
  }
}

void SysfsSurvey::devices(const Class& its, hal::Survey::Finder& finder) const {
  for (int i = 0; i < kNumbersMax; ++i) {
    const Name name = own_name(its, i);
    if (name.empty()) continue;
    const Channels found = channels(its, i);
    for (const Name& channel : std::span{found.names}.first(found.count))
      finder.sensor({its.subsystem, name, channel});
  }
}

FixedText<63> SysfsSurvey::name_of(const Class& its, int number) const {
  const auto told = sysfs_.text(format_text<127>("%s%d/name", its.device, number));
  return told ? *told : FixedText<63>{};
}

SysfsSurvey::Name SysfsSurvey::own_name(const Class& its, int number) const {
  const FixedText<63> name = name_of(its, number);
  bool has_twin = false;
  for (int i = 0; i < kNumbersMax && !name.empty(); ++i)
    has_twin = has_twin || (i != number && name_of(its, i) == name);
  Name whole;
  if (!has_twin) return whole.assign(name) ? whole : Name{};
  std::array<char, 256> target{};
  const ssize_t size = readlink(format_text<255>("%s%s%d", root_.c_str(), its.device, number).c_str(),
                                target.data(), target.size());
  std::string_view way{target.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  for (int level = 0; level < its.levels; ++level)
    way = way.substr(0, way.rfind('/') == std::string_view::npos ? 0 : way.rfind('/'));
  way.remove_prefix(way.rfind('/') + 1);  // without one it is the whole
  const auto full = format_text<127>("%s@%.*s", name.c_str(), static_cast<int>(way.size()), way.data());
  return !way.empty() && whole.assign(full) ? whole : Name{};
}

SysfsSurvey::Channels SysfsSurvey::channels(const Class& its, int number) const {
  Channels found;
  Listing files{format_text<255>("%s%s%d", root_.c_str(), its.device, number).c_str()};
  for (std::string_view file = files.next(); !file.empty(); file = files.next()) {
    for (const std::string_view ending : its.endings) {
      if (!file.ends_with(ending)) continue;
      Name channel;
      const auto end = found.names.begin() + static_cast<std::ptrdiff_t>(found.count);
      if (found.count < kChannelsMax && channel.assign(file.substr(0, file.size() - ending.size())) &&
          Sysfs::is_source({its.subsystem, "any", channel}) &&
          std::find(found.names.begin(), end, channel) == end)
        found.names[found.count++] = channel;
    }
  }
  std::sort(found.names.begin(), found.names.begin() + static_cast<std::ptrdiff_t>(found.count),
            [](const Name& a, const Name& b) { return a.view() < b.view(); });
  return found;
}

void SysfsSurvey::thermometers(hal::Survey::Finder& finder) const {
  Listing devices{format_text<255>("%s/sys/bus/w1/devices", root_.c_str()).c_str()};
  for (std::string_view id = devices.next(); !id.empty(); id = devices.next())
    if (is_thermometer(id)) finder.sensor({AttributeSource::Subsystem::one_wire, id, {}});
}

}  // namespace signalbox::hal::kernel
