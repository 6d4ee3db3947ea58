#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "hal/linux/temporary_directory.hpp"

namespace signalbox::hal::kernel {

/// What the kernel shows of a chip with two PWM outputs, written by the test.
class PwmTree {
 public:
  PwmTree() {
    const std::string class_link = "sys/class/pwm/pwmchip0";
    files_.put(kChip + "/npwm", "2\n");
    files_.put(kChip + "/export", "");
    std::filesystem::create_directories(files_.path() / "sys/class/pwm");
    std::filesystem::create_directory_symlink("../../devices/platform/soc/fe20c000.pwm/pwm/pwmchip0",
                                              files_.path() / class_link);
  }

  const char* root() const { return files_.c_str(); }
  /// As if it was asked for.
  void output(int number, const std::string& period, const std::string& duty, const std::string& enable,
              const std::string& polarity = "normal") const {
    const std::string its = kChip + "/pwm" + std::to_string(number) + "/";
    files_.put(its + "duty_cycle", duty + "\n");
    files_.put(its + "enable", enable + "\n");
    files_.put(its + "polarity", polarity + "\n");
    files_.put(its + "period", period + "\n");
  }
  std::string output_directory(int number) const {
    return files_.path() / (kChip + "/pwm" + std::to_string(number));
  }
  /// The file's first line: what is written stays in front of what was longer, as it does not in the kernel.
  std::string text(int number, const char* name) const {
    std::string line;
    std::ifstream file{output_directory(number) + "/" + name};
    std::getline(file, line);
    return line;
  }
  std::string exported() const {
    std::stringstream all;
    all << std::ifstream{files_.path() / (kChip + "/export")}.rdbuf();
    return all.str();
  }

 private:
  inline static const std::string kChip = "sys/devices/platform/soc/fe20c000.pwm/pwm/pwmchip0";

  TemporaryDirectory files_;
};

}  // namespace signalbox::hal::kernel
