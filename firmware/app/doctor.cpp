#include "app/doctor.hpp"

#include <array>
#include <optional>

namespace signalbox::app {
namespace {

class Printer final : public hal::Survey::Listener {
 public:
  explicit Printer(std::FILE* to) : to_{to} {}

 private:
  void do_tell(std::string_view line) override { std::fprintf(to_, "%.*s\n", length(line), line.data()); }

  std::FILE* to_;
};

/// Of a sensor, for a person: `lm75 temp1`, `28-0123456789ab`.
FixedText<63> words_for(const hal::AttributeSource& its) {
  if (its.channel.empty()) return its.device;
  return format_text<63>("%.*s %.*s", length(its.device), its.device.data(), length(its.channel),
                         its.channel.data());
}

/// What drivers of the operating system measure, by the names that parts take.
class Sensors final : public hal::Survey::Finder {
 public:
  explicit Sensors(std::FILE* to) : to_{to} {}
  bool is_empty() const { return count_ == 0; }

 private:
  void tell(const FixedText<63>& name, const char* kind) {
    std::fprintf(to_, "  %s  sensor, for %s\n", name.c_str(), kind);
    ++count_;
  }
  void do_thermal_zone(std::string_view type) override { tell(type, "thermalZone"); }
  void do_sensor(const hal::AttributeSource& its) override {
    constexpr std::array kKinds{"hwmon", "iioChannel", "ds18b20"};
    tell(words_for(its), kKinds[static_cast<std::size_t>(its.subsystem)]);
  }
  void do_free_line(std::string_view /*name*/, bool /*is_plain*/) override {}
  void do_i2c_bus(int /*number*/) override {}
  void do_spi_chip(int /*bus*/, int /*chip_select*/) override {}
  void do_can_interface(std::string_view /*name*/) override {}

  std::FILE* to_;
  int count_ = 0;
};

/// The place of the setting of that name in the part's kind; nothing where it has none.
std::optional<std::size_t> setting(const device::Part& part, std::string_view name) {
  for (std::size_t i = 0; i < part.kind->settings.size(); ++i)
    if (part.kind->settings[i].name == name) return i;
  return std::nullopt;
}

/// What a part wants of the machine, by the names that settings have in all kinds.
struct Need {
  FixedText<63> what;
  Result<void> met;
};

/// By a text setting of that name; nothing where the part has none.
std::optional<Need> need_named_by(const device::Part& part, std::string_view setting_name, const char* what,
                                  hal::Survey& survey, Result<void> (hal::Survey::*look)(std::string_view)) {
  const auto place = setting(part, setting_name);
  if (!place) return std::nullopt;
  const std::string_view name = part.settings.text(*place);
  if (name.empty()) return std::nullopt;
  return Need{format_text<63>("%s %.*s", what, length(name), name.data()), (survey.*look)(name)};
}

/// Of a part that the operating system's drivers measure for; nothing where it is none.
std::optional<Need> need_of_sensor(const device::Part& part, hal::Survey& survey, hal::Host* host) {
  const auto text = [&part](const char* name) {
    const auto place = setting(part, name);
    const std::string_view its = place ? part.settings.text(*place) : std::string_view{};
    return its.empty() ? std::string_view{"any"} : its;
  };
  using enum hal::AttributeSource::Subsystem;
  hal::AttributeSource source{hwmon, text("chip"), text("input")};
  if (part.kind->name == "thermalZone") {
    const std::string_view zone = text("zone");
    Need need{format_text<63>("thermal zone %.*s", length(zone), zone.data()), {}};
    if (host == nullptr || !host->temperature(zone))
      need.met = Error{Reason::not_found, "there is none; most virtual machines have no zone at all"};
    return need;
  }
  if (part.kind->name == "iioChannel")
    source = {iio, text("device"), text("channel")};
  else if (part.kind->name == "ds18b20")
    source = {one_wire, text("id"), {}};
  else if (part.kind->name != "hwmon")
    return std::nullopt;
  return Need{format_text<63>("sensor %s", words_for(source).c_str()), survey.sensor(source)};
}

std::optional<Need> need_of(const device::Part& part, hal::Survey& survey, hal::Host* host) {
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
  std::optional<Need> named;
  for (const Looked& its : kNamed) {
    const auto need = need_named_by(part, its.setting, its.what, survey, its.look);
    if (need && !need->met) return need;
    if (!named) named = need;
  }
  if (named) return named;
  if (const std::optional<Need> sensor = need_of_sensor(part, survey, host)) return sensor;
  const auto bus = setting(part, "bus");
  if (!bus) return std::nullopt;
  const int bus_number = static_cast<int>(part.settings.number(*bus));
  if (const auto chip_select = setting(part, "chipSelect")) {
    const int chip = static_cast<int>(part.settings.number(*chip_select));
    return Need{format_text<63>("SPI bus %d, chip select %d", bus_number, chip),
                survey.spi_chip(bus_number, chip)};
  }
  const auto address = setting(part, "address");
  if (!address) return std::nullopt;
  const int chip = static_cast<int>(part.settings.number(*address));
  return Need{
      format_text<63>("I2C bus %d, address %d (0x%02x)", bus_number, chip, static_cast<unsigned>(chip)),
      survey.i2c_chip(bus_number, chip)};
}

}  // namespace

int examine(const device::Roster& roster, hal::Survey& survey, hal::Host* host, std::FILE* to) {
  Printer printer{to};
  std::fprintf(to, "This machine offers\n");
  survey.list(printer);
  Sensors sensors{to};
  survey.find(sensors);
  if (sensors.is_empty())
    std::fprintf(
        to, "  no sensor of the kernel's: load its driver (hwmon, IIO, w1_therm), or switch its bus on\n");
  std::fprintf(to, "The device file wants\n");
  std::size_t wanted = 0;
  std::size_t missing = 0;
  for (const device::Part& part : roster.parts()) {
    const std::optional<Need> need = need_of(part, survey, host);
    if (!need) continue;
    ++wanted;
    if (!need->met) ++missing;
    std::fprintf(to, "  %-8s %s: %s%s%s\n", need->met ? "there" : "MISSING", part.name.c_str(),
                 need->what.c_str(), need->met ? "" : ": ",
                 need->met ? "" : need->met.error().detail.c_str());
  }
  if (wanted == 0)
    std::fprintf(to, "  nothing that could be missing\n");
  else if (missing == 0)
    std::fprintf(to, "all of it is there\n");
  else
    std::fprintf(to, "%zu of %zu missing; the names of what there is stand above\n", missing, wanted);
  return missing == 0 ? 0 : 1;
}

}  // namespace signalbox::app
