// The kernel's files, as its ABI documents lay them out, in a directory of the test's own.
#include "hal/linux/sysfs.hpp"

#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {
namespace {

using Subsystem = AttributeSource::Subsystem;

class SysfsTest : public testing::Test {
 protected:
  double read(Subsystem subsystem, std::string_view device, std::string_view channel = {}) {
    const Result<double> told = Sysfs{files.c_str()}.read({subsystem, device, channel});
    EXPECT_TRUE(told.has_value()) << (told ? "" : told.error().detail.c_str());
    return told ? *told : -1.0;
  }
  std::string why_not(Subsystem subsystem, std::string_view device, std::string_view channel = {}) {
    const Result<double> told = Sysfs{files.c_str()}.read({subsystem, device, channel});
    if (told) return "a number: " + std::to_string(*told);
    reason = told.error().reason;
    return told.error().detail.c_str();
  }
  void put(const std::string& name, std::string_view text) { files.put("sys/" + name, text); }
  /// A chip of hwmon, which hangs on that device.
  void chip(int number, const std::string& on, const std::string& name) {
    const std::string its = "hwmon" + std::to_string(number);
    put("devices/" + on + "/hwmon/" + its + "/name", name + "\n");
    const auto classes = files.path() / "sys/class/hwmon";
    std::filesystem::create_directories(classes);
    std::filesystem::create_symlink("../../devices/" + on + "/hwmon/" + its, classes / its);
  }

  TemporaryDirectory files;
  Reason reason{};
};

TEST_F(SysfsTest, FindsAChipByItsNameWhateverItsNumber) {
  chip(0, "platform/cpu", "coretemp");
  chip(5, "i2c-0/0-004f", "lm75");
  put("class/hwmon/hwmon5/temp1_input", "23500\n");
  EXPECT_EQ(read(Subsystem::hwmon, "lm75", "temp1"), 23.5);
}

TEST_F(SysfsTest, TellsChipsOfOneNameApartByWhatTheyHangOn) {
  chip(0, "i2c-0/0-0048", "lm75");
  chip(1, "i2c-0/0-004f", "lm75");
  put("class/hwmon/hwmon0/temp1_input", "1000\n");
  put("class/hwmon/hwmon1/temp1_input", "2000\n");
  EXPECT_EQ(read(Subsystem::hwmon, "lm75", "temp1"), 1.0) << "the first";
  EXPECT_EQ(read(Subsystem::hwmon, "lm75@0-0048", "temp1"), 1.0);
  EXPECT_EQ(read(Subsystem::hwmon, "lm75@0-004f", "temp1"), 2.0);
  EXPECT_EQ(why_not(Subsystem::hwmon, "lm75@0-004", "temp1"), "there is no chip of that name");
  EXPECT_EQ(reason, Reason::not_found);
}

TEST_F(SysfsTest, ScalesWhatAChipMeasures) {
  chip(0, "i2c-0/0-0040", "monitor");
  const struct {
    const char* input;
    const char* told;
    double value;
  } inputs[] = {{"temp2", "-12345", -12.345}, {"in0", "3300", 3.3},       {"curr1", "1500", 1.5},
                {"fan3", "1200", 1200.0},     {"power1", "2500000", 2.5}, {"humidity1", "45600", 45.6},
                {"freq1", "800000000", 8e8},  {"energy1", "3000000", 3.0}};
  for (const auto& its : inputs) {
    put("class/hwmon/hwmon0/" + std::string{its.input} + "_input", its.told);
    EXPECT_DOUBLE_EQ(read(Subsystem::hwmon, "monitor", its.input), its.value) << its.input;
  }
  put("class/hwmon/hwmon0/power2_average", "4000000\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::hwmon, "monitor", "power2"), 4.0);
}

TEST_F(SysfsTest, TellsWhatAChipDoesNotHaveAndWhatItReports) {
  chip(0, "i2c-0/0-0040", "monitor");
  EXPECT_EQ(why_not(Subsystem::hwmon, "other", "temp1"), "there is no chip of that name");
  EXPECT_EQ(why_not(Subsystem::hwmon, "monitor", "temp1"), "the chip has no such input");
  EXPECT_EQ(reason, Reason::not_found);
  put("class/hwmon/hwmon0/temp1_input", "0\n");
  put("class/hwmon/hwmon0/temp1_fault", "1\n");
  EXPECT_EQ(why_not(Subsystem::hwmon, "monitor", "temp1"), "the chip reports a fault of that input");
  EXPECT_EQ(reason, Reason::failed);
  put("class/hwmon/hwmon0/temp1_fault", "0\n");
  EXPECT_EQ(read(Subsystem::hwmon, "monitor", "temp1"), 0.0);
}

TEST_F(SysfsTest, NonsenseIsNoNumber) {
  chip(0, "i2c-0/0-0040", "monitor");
  const auto input = [&](std::string_view text) {
    put("class/hwmon/hwmon0/temp1_input", text);
    return why_not(Subsystem::hwmon, "monitor", "temp1");
  };
  EXPECT_EQ(input(""), "it tells nothing");
  EXPECT_EQ(input("\n"), "it tells nothing");
  for (const char* text : {"abc", "12abc", "1 2", "1e5", "0x10", "inf", "nan", "--1", "+", "1,5"})
    EXPECT_EQ(input(text), "it tells \"" + std::string{text} + "\", which is no number");
  EXPECT_EQ(input(std::string(10'000, '9')), "it tells more than a number");
  std::filesystem::remove(files.path() / "sys/class/hwmon/hwmon0/temp1_input");
  std::filesystem::create_directory(files.path() / "sys/class/hwmon/hwmon0/temp1_input");
  EXPECT_EQ(why_not(Subsystem::hwmon, "monitor", "temp1"), "Is a directory");
  EXPECT_EQ(reason, Reason::failed);
}

TEST_F(SysfsTest, ScalesRawChannels) {
  const std::string device = "bus/iio/devices/iio:device2/";
  put(device + "name", "adc\n");
  put(device + "in_voltage0_raw", "2048\n");
  put(device + "in_voltage_scale", "0.805664062\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "adc", "in_voltage0"), 2048 * 0.805664062 / 1000.0)
      << "the type's scale";
  put(device + "in_voltage0_scale", "2\n");
  put(device + "in_voltage0_offset", "-48\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "adc", "in_voltage0"), 4.0) << "its own";
  put(device + "in_voltage0-voltage1_raw", "-100\n");
  put(device + "in_voltage-voltage_scale", "5\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "adc", "in_voltage0-voltage1"), -0.5);
  put(device + "in_accel_x_raw", "10\n");
  put(device + "in_accel_scale", "0.5\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "adc", "in_accel_x"), 5.0);
  put(device + "in_count0_raw", "7\n");
  EXPECT_EQ(read(Subsystem::iio, "adc", "in_count0"), 7.0);
}

TEST_F(SysfsTest, TakesChannelsThatTheDriverScaled) {
  const std::string device = "bus/iio/devices/iio:device0/";
  put(device + "name", "bme280\n");
  put(device + "in_temp_input", "21540\n");
  put(device + "in_pressure_input", "101.325\n");
  put(device + "in_humidityrelative_input", "40123\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "bme280", "in_temp"), 21.54);
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "bme280", "in_pressure"), 101.325);
  EXPECT_DOUBLE_EQ(read(Subsystem::iio, "bme280", "in_humidityrelative"), 40.123);
  EXPECT_EQ(why_not(Subsystem::iio, "bme280", "in_voltage0"), "the device has no such channel");
  EXPECT_EQ(why_not(Subsystem::iio, "bmp280", "in_temp"), "there is no IIO device of that name");
}

TEST_F(SysfsTest, AWrongScaleIsNotLeftOut) {
  const std::string device = "bus/iio/devices/iio:device0/";
  put(device + "name", "adc\n");
  put(device + "in_voltage0_raw", "1\n");
  put(device + "in_voltage0_scale", "much\n");
  EXPECT_EQ(why_not(Subsystem::iio, "adc", "in_voltage0"), "it tells \"much\", which is no number");
}

TEST_F(SysfsTest, ReadsThermometers) {
  EXPECT_EQ(why_not(Subsystem::one_wire, "any"), "there is no thermometer on a 1-wire bus");
  put("bus/w1/devices/w1_bus_master1/w1_master_slaves", "not found.\n");
  EXPECT_EQ(why_not(Subsystem::one_wire, "any"), "there is no thermometer on a 1-wire bus");
  put("bus/w1/devices/w1_bus_master2/w1_master_slaves",
      "10-000000000001\n28-0123456789ab\n28-0123456789ac\n");
  put("bus/w1/devices/28-0123456789ab/temperature", "21562\n");
  put("bus/w1/devices/28-0123456789ac/temperature", "-10125\n");
  EXPECT_DOUBLE_EQ(read(Subsystem::one_wire, "any"), 21.562);
  EXPECT_DOUBLE_EQ(read(Subsystem::one_wire, "28-0123456789ac"), -10.125);
  EXPECT_EQ(why_not(Subsystem::one_wire, "28-0123456789ad"), "there is no thermometer of that id");
  EXPECT_EQ(reason, Reason::not_found);
  put("bus/w1/devices/28-0123456789ab/temperature", "");
  EXPECT_EQ(why_not(Subsystem::one_wire, "any"), "it tells nothing");
  EXPECT_EQ(reason, Reason::failed);
}

TEST_F(SysfsTest, NamesLeadNowhereElse) {
  files.put("secret_input", "1");
  chip(0, "i2c-0/0-0040", "monitor");
  for (const char* input : {"../../../../secret", "temp1/../../x", "temp", "temp1x", "heat1", "1", ""})
    EXPECT_FALSE(Sysfs::is_source({Subsystem::hwmon, "monitor", input})) << input;
  for (const char* channel : {"../x", "in_/../x", "out_voltage0", "in", "in_Voltage0", ""})
    EXPECT_FALSE(Sysfs::is_source({Subsystem::iio, "adc", channel})) << channel;
  for (const char* id :
       {"", "28-", "28-0123456789aB", "28-0123456789ab0", "28-../../../etc", "10-0123456789ab"})
    EXPECT_FALSE(Sysfs::is_source({Subsystem::one_wire, id, {}})) << id;
  EXPECT_FALSE(Sysfs::is_source({Subsystem::hwmon, "", "temp1"}));
  EXPECT_FALSE(Sysfs::is_source({Subsystem::hwmon, std::string(32, 'x'), "temp1"}));
  EXPECT_EQ(why_not(Subsystem::hwmon, "monitor", "../../../../secret"),
            "there can be no source of that name");
}

}  // namespace
}  // namespace signalbox::hal::kernel
