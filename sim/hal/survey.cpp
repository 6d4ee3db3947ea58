#include "sim/hal/survey.hpp"

#include "base/fixed_text.hpp"

namespace signalbox::sim {
namespace {

constexpr int kChips = static_cast<int>(hal::SpiTransfer::kChipsMax);

}  // namespace

void Survey::do_list(Listener& listener) {
  listener.tell("  simulated lines");
  for (std::size_t i = 0; i < digital_.lines_count(); ++i)
    listener.tell(format_text<95>("    %-20s  %s", FixedText<31>{digital_.name_of(i)}.c_str(),
                                  digital_.is_claimed(i) ? "in use" : "free"));
  listener.tell(format_text<95>("  i2c-%d  simulated", bus_number_));
  for (int i = 0; i < kChips; ++i)
    if (spi_bus_.has(i)) listener.tell(format_text<95>("  spidev0.%d  simulated", i));
  listener.tell(format_text<95>("  %s  CAN interface, simulated", FixedText<15>{can_.interface()}.c_str()));
}

void Survey::do_find(Finder& finder) {
  for (std::size_t i = 0; i < attribute_.sources_count(); ++i) finder.sensor(attribute_.source(i));
  for (std::size_t i = 0; i < digital_.lines_count(); ++i)
    if (!digital_.is_claimed(i)) finder.line(digital_.name_of(i), digital_.is_input(i));
  finder.i2c_bus(bus_number_);
  for (int i = 0; i < kChips; ++i)
    if (spi_bus_.has(i)) finder.spi_chip(0, i);
  finder.can_interface(can_.interface());
}

Result<void> Survey::do_line(std::string_view name) {
  for (std::size_t i = 0; i < digital_.lines_count(); ++i) {
    if (digital_.name_of(i) != name) continue;
    if (!digital_.is_claimed(i)) return {};
    return Error{Reason::busy, "in use"};
  }
  return Error{Reason::not_found, "the bench has no line of that name"};
}

Result<void> Survey::do_pwm_output(std::string_view name) {
  if (pwm_.has(name)) return {};
  return Error{Reason::not_found, "the bench has no PWM output of that name"};
}

Result<void> Survey::do_serial_port(std::string_view device) {
  if (serial_.has(device)) return {};
  return Error{Reason::not_found, "the bench has no serial port of that name"};
}

Result<void> Survey::do_i2c_chip(int bus, int address) {
  if (bus != bus_number_)
    return Error{Reason::not_found, format_text<95>("the bench has bus %d only", bus_number_)};
  if (bus_.has(address)) return {};
  return Error{Reason::not_found, "no chip answers there"};
}

Result<void> Survey::do_spi_chip(int bus, int chip_select) {
  if (bus == 0 && spi_bus_.has(chip_select)) return {};
  return Error{Reason::not_found, "the bench has no such chip select"};
}

Result<void> Survey::do_sensor(const hal::AttributeSource& source) {
  if (attribute_.find(source) >= 0) return {};
  return Error{Reason::not_found, "the bench has no sensor of that name"};
}

Result<void> Survey::do_can_interface(std::string_view name) {
  if (name == can_.interface()) return {};
  return Error{Reason::not_found, "the bench has no CAN interface of that name"};
}

}  // namespace signalbox::sim
