#include "sim/hal/platform.hpp"

#include <utility>

namespace signalbox::sim {
namespace {

constexpr double kHeaterMeterPerKwh = 10'000.0;
constexpr double kShuntOhms = 0.01;
constexpr hal::CanId kChargerFrame{.number = 0x123, .is_extended = false};

twins::Bme280::Air air_of(const World& world) {
  return {world.cabin_celsius(), world.humidity_percent(), world.hectopascals()};
}

}  // namespace

Platform::Platform(World& world, Faults& faults, hal::Host& host, Duration line_latency)
    : world_{world},
      cabin_sensor_{[&world] { return world.cabin_celsius(); }},
      air_sensor_{[&world] { return air_of(world); }},
      supply_monitor_{[&world] { return world.supply_volts(); },
                      [&world] { return world.heater_amperes() * kShuntOhms; }},
      converter_{{[&world] { return world.tank_fraction() * 5.0; },
                  [&world] { return world.supply_volts() / 10.0; }, [] { return 3.3; }, [] { return 0.5; }}},
      outside_sensor_{[&world] { return world.ambient_celsius(); }},
      spi_converter_{{[&world] { return world.tank_fraction() * 5.0; },
                      [&world] { return world.supply_volts() / 10.0; }, [] { return 3.3; },
                      [] { return 0.5; }, [] { return 0.0; }, [] { return 1.25; }, [] { return 2.5; },
                      [] { return 5.0; }}},
      heater_meter_{kHeaterMeterPerKwh, [&world] { return world.heater_kwh(); }},
      door_{[&world] { return world.door_open(); }},
      stop_button_{[&world] { return world.stop_pressed(); }},
      tank_{[&world] { return world.tank_fraction(); }},
      board_sensor_{[&world] { return world.ambient_celsius(); }},
      tank_converter_{[&world] { return world.tank_fraction() * twins::IioChannel::kReferenceVolts; }},
      thermometer_{[&world] { return world.ambient_celsius(); }},
      station_{[&world] { return world.ambient_celsius(); }},
      charger_{{[&world] { return world.supply_volts(); }, [&world] { return world.ambient_celsius(); },
                [&world] { return world.door_open(); }}},
      bus_{"i2c-1", faults},
      spi_bus_{"spi-0", faults},
      digital_{faults, line_latency},
      analog_{faults},
      pwm_{faults},
      attribute_{faults},
      serial_{faults},
      can_{"can0", kChargerFrame, charger_, faults},
      buses_{nullptr, &bus_},
      spi_buses_{&spi_bus_},
      sim_ports_{&bus_, &spi_bus_, &digital_, &analog_, &pwm_, &attribute_, &serial_, &can_} {
  using Direction = hal::Digital::Direction;
  SIGNALBOX_CHECK(bus_.attach(72, cabin_sensor_));
  SIGNALBOX_CHECK(bus_.attach(118, air_sensor_));
  SIGNALBOX_CHECK(bus_.attach(64, supply_monitor_));
  SIGNALBOX_CHECK(bus_.attach(74, converter_));
  SIGNALBOX_CHECK(bus_.attach(79, outside_sensor_));
  SIGNALBOX_CHECK(spi_bus_.attach(0, spi_converter_));
  SIGNALBOX_CHECK(digital_.attach("heater", Direction::output, heater_.coil()));
  SIGNALBOX_CHECK(digital_.attach("heater-sense", Direction::input, heater_.sense()));
  SIGNALBOX_CHECK(digital_.attach("heater-meter", Direction::input, heater_meter_));
  SIGNALBOX_CHECK(digital_.attach("fan-tachometer", Direction::input, fan_.tachometer()));
  SIGNALBOX_CHECK(digital_.attach("door", Direction::input, door_));
  SIGNALBOX_CHECK(digital_.attach("lamp", Direction::output, lamp_.coil()));
  SIGNALBOX_CHECK(digital_.attach("stop-button", Direction::input, stop_button_));
  SIGNALBOX_CHECK(analog_.attach("tank", tank_));
  SIGNALBOX_CHECK(pwm_.attach("fan", fan_));
  SIGNALBOX_CHECK(pwm_.attach("servo", servo_));
  SIGNALBOX_CHECK(serial_.attach("ttyUSB0", 4800, station_));
  using Subsystem = hal::AttributeSource::Subsystem;
  SIGNALBOX_CHECK(attribute_.attach({Subsystem::hwmon, "lm75", "temp1"}, board_sensor_));
  SIGNALBOX_CHECK(attribute_.attach({Subsystem::iio, "mcp3208", "in_voltage0"}, tank_converter_));
  SIGNALBOX_CHECK(attribute_.attach({Subsystem::one_wire, "28-0123456789ab", {}}, thermometer_));
  ports_ = {buses_, spi_buses_, &digital_, &analog_, &pwm_, &attribute_, &serial_, &can_, &host, true};
}

void Platform::do_poll(Instant now) {
  for (Port* first = first_to_finish(); first->next() <= now; first = first_to_finish()) {
    pass_time(first->next());
    first->finish_next();
  }
  pass_time(now);
  for (Port* port : sim_ports_) port->set_now(now);
  if (!std::exchange(has_begun_, true)) digital_.begin(now);
}

Port* Platform::first_to_finish() const {
  Port* first = sim_ports_.front();
  Instant next = first->next();
  for (Port* port : sim_ports_) {
    const Instant its = port->next();
    if (its >= next) continue;
    first = port;
    next = its;
  }
  return first;
}

void Platform::pass_time(Instant to) {
  for (Instant at = world_.next_step(to); at <= to; at = world_.next_step(to)) {
    world_.heat(heater_.closed(at));
    world_.ventilate(fan_.speed(at));
    world_.step();
    digital_.watch(at);
  }
  digital_.watch(to);
}

}  // namespace signalbox::sim
