#include "app/doctor.hpp"

#include <array>
#include <optional>

namespace signalbox::app {
namespace {

class Printer final : public hal::Survey::Listener {
 public:
  explicit Printer(std::FILE* to) : to_{to} {}

 private:
  void do_tell(std::string_view line) override {
    std::fprintf(to_, "%.*s\n", static_cast<int>(line.size()), line.data());
  }

  std::FILE* to_;
};

/// The place of the setting of that name in the part's kind; nothing where it has none.
std::optional<std::size_t> setting(const device::Part& part, std::string_view name) {
  for (std::size_t i = 0; i < part.kind->settings.size(); ++i)
    if (part.kind->settings[i].name == name) return i;
  return std::nullopt;
}

/// What a part wants of the machine, by the names that settings have in all kinds.
struct Demand {
  FixedText<63> what;
  Result<void> met;
};

/// By a text setting of that name; nothing where the part has none.
std::optional<Demand> demand_by(const device::Part& part, std::string_view setting_name, const char* what,
                                hal::Survey& survey, Result<void> (hal::Survey::*look)(std::string_view)) {
  const auto place = setting(part, setting_name);
  if (!place) return std::nullopt;
  const std::string_view name = part.settings.text(*place);
  if (name.empty()) return std::nullopt;
  return Demand{format_text<63>("%s %.*s", what, static_cast<int>(name.size()), name.data()),
                (survey.*look)(name)};
}

std::optional<Demand> demand_of(const device::Part& part, hal::Survey& survey) {
  struct Looked {
    std::string_view setting;
    const char* what;
    Result<void> (hal::Survey::*look)(std::string_view);
  };
  constexpr std::array kNamed{Looked{"line", "line", &hal::Survey::line},
                              Looked{"tachometer", "line", &hal::Survey::line},
                              Looked{"output", "PWM output", &hal::Survey::pwm_output},
                              Looked{"port", "serial port", &hal::Survey::serial_port},
                              Looked{"interface", "CAN interface", &hal::Survey::can_interface}};
  std::optional<Demand> named;
  for (const Looked& its : kNamed) {
    const auto demand = demand_by(part, its.setting, its.what, survey, its.look);
    if (demand && !demand->met) return demand;
    if (!named) named = demand;
  }
  if (named) return named;
  const auto bus = setting(part, "bus");
  if (!bus) return std::nullopt;
  const int bus_number = static_cast<int>(part.settings.number(*bus));
  if (const auto chip_select = setting(part, "chipSelect")) {
    const int chip = static_cast<int>(part.settings.number(*chip_select));
    return Demand{format_text<63>("SPI bus %d, chip select %d", bus_number, chip),
                  survey.spi_chip(bus_number, chip)};
  }
  const auto address = setting(part, "address");
  if (!address) return std::nullopt;
  const int chip = static_cast<int>(part.settings.number(*address));
  return Demand{
      format_text<63>("I2C bus %d, address %d (0x%02x)", bus_number, chip, static_cast<unsigned>(chip)),
      survey.i2c_chip(bus_number, chip)};
}

}  // namespace

int examine(const device::Roster& roster, hal::Survey& survey, std::FILE* to) {
  Printer printer{to};
  std::fprintf(to, "This machine offers\n");
  survey.list(printer);
  std::fprintf(to, "The device file wants\n");
  std::size_t wanted = 0;
  std::size_t missing = 0;
  for (const device::Part& part : roster.parts()) {
    const std::optional<Demand> demand = demand_of(part, survey);
    if (!demand) continue;
    ++wanted;
    if (!demand->met) ++missing;
    std::fprintf(to, "  %-8s %s: %s%s%s\n", demand->met ? "there" : "MISSING", part.name.c_str(),
                 demand->what.c_str(), demand->met ? "" : ": ",
                 demand->met ? "" : demand->met.error().detail.c_str());
  }
  std::fprintf(to, "%zu of %zu are missing\n", missing, wanted);
  return missing == 0 ? 0 : 1;
}

}  // namespace signalbox::app
