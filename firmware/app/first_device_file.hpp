#pragma once

#include <array>
#include <cstdio>
#include <string_view>

#include "base/fixed_text.hpp"
#include "budget/budget.hpp"
#include "device/part_kind.hpp"
#include "hal/survey.hpp"

namespace signalbox::app {

/// A device file of what a survey finds: this machine's own readings, sensors, and lines that can only be
/// inputs. Never an output. It says what it takes and what not, and how that could be added.
class FirstDeviceFile final : public hal::Survey::Finder {
 public:
  /// As many parts and channels as the board has places for. `told` is for a person.
  /// `catalogue` has the chips that could hang on a bus.
  FirstDeviceFile(const Budget& budget, device::Catalogue catalogue, std::FILE* told);

  /// The whole, in JSON; once, when everything was found.
  std::string_view finish();
  std::size_t parts() const { return parts_; }

  /// Writes it where no file is yet. Errors: `conflict` where there is one, `failed`, in words for a person.
  static Result<void> write(const char* path, std::string_view text);

 private:
  static constexpr std::size_t kBytesMax = std::size_t{24} * 1024;

  void do_thermal_zone(std::string_view type) override;
  void do_sensor(const hal::AttributeSource& source) override;
  void do_free_line(std::string_view name, bool is_plain) override;
  void do_i2c_bus(int number) override;
  void do_spi_chip(int bus, int chip_select) override;
  void do_can_interface(std::string_view name) override;
  /// One part with one channel; `part` and `rest` are members as JSON has them. `what`: for a person.
  void add(std::string_view what, std::string_view part, std::string_view port, std::string_view path,
           std::string_view rest);
  void leave(std::string_view what, std::string_view why);
  void tell_about_lines();
  void add_text(std::string_view text);
  bool has(std::string_view words) const { return text().find(words) != std::string_view::npos; }
  std::string_view text() const { return {text_.data(), size_}; }

  device::Catalogue catalogue_;
  std::FILE* told_;
  std::size_t parts_max_;
  std::size_t parts_ = 0;
  FixedText<63> line_;  ///< the first one that was found
  std::array<char, kBytesMax> text_{};
  std::size_t size_ = 0;
};

}  // namespace signalbox::app
