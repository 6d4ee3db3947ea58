// The kernel's files, as its ABI documents lay them out, in a directory of the test's own.
#include "hal/linux/sysfs_survey.hpp"

#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

class Found final : public hal::Survey::Finder {
 public:
  std::vector<std::string> all;

 private:
  void do_thermal_zone(std::string_view type) override { all.push_back("zone " + std::string{type}); }
  void do_sensor(const AttributeSource& source) override {
    constexpr std::array kNames{"hwmon ", "iio ", "1-wire "};
    all.push_back(kNames.at(static_cast<std::size_t>(source.subsystem)) + std::string{source.device} + " " +
                  std::string{source.channel});
    is_source = is_source && Sysfs::is_source(source);
  }
  void do_free_line(std::string_view /*name*/, bool /*is_plain*/) override { all.emplace_back("line"); }
  void do_i2c_bus(int /*number*/) override { all.emplace_back("bus"); }
  void do_spi_chip(int /*bus*/, int /*chip_select*/) override { all.emplace_back("chip select"); }
  void do_can_interface(std::string_view /*name*/) override { all.emplace_back("CAN"); }

 public:
  bool is_source = true;
};

class SysfsSurveyTest : public testing::Test {
 protected:
  std::vector<std::string> found() {
    Found finder;
    SysfsSurvey{files.c_str()}.find(finder);
    EXPECT_TRUE(finder.is_source) << "something that cannot be read by its name";
    return finder.all;
  }
  void put(const std::string& name, std::string_view text) { files.put("sys/" + name, text); }
  /// A device of a class, below what it hangs on.
  void device(const std::string& its_class, const std::string& number, const std::string& at,
              const std::string& name) {
    put("devices/" + at + "/" + number + "/name", name + "\n");
    const auto classes = files.path() / "sys" / its_class;
    std::filesystem::create_directories(classes);
    std::filesystem::create_symlink(files.path() / "sys/devices" / at / number, classes / number);
  }

  TemporaryDirectory files;
};

using Names = std::vector<std::string>;

TEST_F(SysfsSurveyTest, AnEmptyMachineHasNothing) { EXPECT_EQ(found(), Names{}); }

TEST_F(SysfsSurveyTest, ZonesOfATypeAreToldOnce) {
  put("class/thermal/thermal_zone0/type", "cpu-thermal\n");
  put("class/thermal/thermal_zone1/type", "gpu-thermal\n");
  put("class/thermal/thermal_zone2/type", "cpu-thermal\n");
  EXPECT_EQ(found(), (Names{"zone cpu-thermal", "zone gpu-thermal"}));
}

TEST_F(SysfsSurveyTest, InputsOfAChipInOrderWithoutItsOtherFiles) {
  device("class/hwmon", "hwmon1", "i2c-0/0-004f/hwmon", "lm75");
  for (const char* file : {"temp2_input", "temp1_input", "temp1_max", "power1_average", "power1_input",
                           "beep_input", "temp1_label"})
    put(std::string{"class/hwmon/hwmon1/"} + file, "0\n");
  EXPECT_EQ(found(), (Names{"hwmon lm75 power1", "hwmon lm75 temp1", "hwmon lm75 temp2"}));
}

TEST_F(SysfsSurveyTest, ChipsOfOneNameAreToldByWhatTheyHangOn) {
  device("class/hwmon", "hwmon0", "i2c-0/0-0048/hwmon", "lm75");
  device("class/hwmon", "hwmon1", "i2c-0/0-004f/hwmon", "lm75");
  device("bus/iio/devices", "iio:device0", "i2c-1/1-0076", "bme280");
  device("bus/iio/devices", "iio:device1", "i2c-1/1-0077", "bme280");
  for (const char* chip : {"hwmon0", "hwmon1"})
    put(std::string{"class/hwmon/"} + chip + "/temp1_input", "1000\n");
  for (const char* chip : {"iio:device0", "iio:device1"})
    put(std::string{"bus/iio/devices/"} + chip + "/in_temp_input", "1000\n");
  const Names all = found();
  EXPECT_EQ(all, (Names{"hwmon lm75@0-0048 temp1", "hwmon lm75@0-004f temp1", "iio bme280@1-0076 in_temp",
                        "iio bme280@1-0077 in_temp"}));
  EXPECT_TRUE(Sysfs{files.c_str()}.read({AttributeSource::Subsystem::hwmon, "lm75@0-004f", "temp1"}))
      << "what it tells can be read";
  EXPECT_TRUE(Sysfs{files.c_str()}.read({AttributeSource::Subsystem::iio, "bme280@1-0077", "in_temp"}));
}

TEST_F(SysfsSurveyTest, ThermometersByTheirIdsOnly) {
  put("bus/w1/devices/28-0123456789ab/temperature", "21000\n");
  put("bus/w1/devices/w1_bus_master1/name", "w1_bus_master1\n");
  put("bus/w1/devices/10-0123456789ab/name", "10-0123456789ab\n");
  EXPECT_EQ(found(), (Names{"1-wire 28-0123456789ab "}));
}

TEST_F(SysfsSurveyTest, NamesThatNoSettingHoldsAreLeftOut) {
  device("class/hwmon", "hwmon0", "platform/x/hwmon", "a_chip_with_a_name_longer_than_thirty_one");
  put("class/hwmon/hwmon0/temp1_input", "1000\n");
  put("class/thermal/thermal_zone0/type", "a_zone_with_a_name_longer_than_thirty_one\n");
  EXPECT_EQ(found(), Names{});
}

}  // namespace
}  // namespace signalbox::hal::kernel
