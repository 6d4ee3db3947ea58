#pragma once

#include <array>

#include "hal/platform.hpp"
#include "sim/hal/analog.hpp"
#include "sim/hal/attribute.hpp"
#include "sim/hal/can.hpp"
#include "sim/hal/digital.hpp"
#include "sim/hal/i2c_bus.hpp"
#include "sim/hal/pwm.hpp"
#include "sim/hal/serial.hpp"
#include "sim/hal/spi_bus.hpp"
#include "sim/hal/survey.hpp"
#include "sim/twins/ads1115.hpp"
#include "sim/twins/bme280.hpp"
#include "sim/twins/can_signal.hpp"
#include "sim/twins/digital_input.hpp"
#include "sim/twins/ds18b20.hpp"
#include "sim/twins/hwmon.hpp"
#include "sim/twins/iio_channel.hpp"
#include "sim/twins/ina219.hpp"
#include "sim/twins/lm75.hpp"
#include "sim/twins/mcp3008.hpp"
#include "sim/twins/pulse_counter.hpp"
#include "sim/twins/pwm_fan.hpp"
#include "sim/twins/relay.hpp"
#include "sim/twins/serial_text.hpp"
#include "sim/twins/servo.hpp"
#include "sim/twins/tmp102.hpp"
#include "sim/world.hpp"

namespace signalbox::sim {

/// The bench, simulated: bus 1 with a TMP102 at address 72, a BME280 at 118, an INA219 (64) with a shunt of
/// 0.01 ohms in the heater's supply, an ADS1115 (74) whose AIN0 is the tank and AIN1 a tenth of that supply,
/// and an LM75 (79) outside; SPI bus 0 with an MCP3008 whose CH0 and CH1 are the same; lines `heater`,
/// `heater-sense`, `heater-meter` (10,000 pulses per kWh), `lamp`, `door` and `stop-button`, PWM outputs
/// `servo` and `fan` with the line `fan-tachometer`, analog input `tank`, a weather station on serial port
/// `ttyUSB0`, a charger on CAN interface `can0` (frame 0x123); of the kernel's drivers an `lm75` (`temp1`)
/// and a 1-wire thermometer outside, and an `mcp3208` whose `in_voltage0` is the tank; all tied to one world.
/// It runs on whatever time it is polled with: real time in the simulator, a stepped clock in the storm.
class Platform final : public hal::Platform {
 public:
  /// What faults can be spread over.
  static constexpr std::array kFaultTargets{
      FaultTarget{FaultKind::hung, "i2c-1"},         FaultTarget{FaultKind::slow, "i2c-1"},
      FaultTarget{FaultKind::silent, "i2c-1/72"},    FaultTarget{FaultKind::fails, "i2c-1/72"},
      FaultTarget{FaultKind::stuck, "heater"},       FaultTarget{FaultKind::hung, "heater"},
      FaultTarget{FaultKind::slow, "heater"},        FaultTarget{FaultKind::fails, "heater"},
      FaultTarget{FaultKind::stuck, "heater-sense"}, FaultTarget{FaultKind::fails, "heater-sense"},
      FaultTarget{FaultKind::fails, "door"},         FaultTarget{FaultKind::fails, "fan"},
      FaultTarget{FaultKind::slow, "fan"},           FaultTarget{FaultKind::stuck, "tank"},
      FaultTarget{FaultKind::fails, "tank"},
  };

  /// `host` is the machine the host readings come from: a simulated one, or the real one below the simulator.
  /// All three outlive the platform. `line_latency`: what reading or writing a line takes.
  Platform(World& world, Faults& faults, hal::Host& host, Duration line_latency = Digital::kLatency);
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  Survey& survey() { return survey_; }
  twins::Relay& heater() { return heater_; }
  twins::Relay& lamp() { return lamp_; }
  const twins::PwmFan& fan() const { return fan_; }
  const twins::Servo& servo() const { return servo_; }
  twins::SerialText& station() { return station_; }
  twins::CanSignal& charger() { return charger_; }
  twins::PwmFan& fan() { return fan_; }
  const twins::PulseCounter& heater_meter() const { return heater_meter_; }
  twins::Ds18b20& thermometer() { return thermometer_; }
  twins::Bme280& air_sensor() { return air_sensor_; }
  twins::Ina219& supply_monitor() { return supply_monitor_; }
  twins::Ads1115& converter() { return converter_; }

 private:
  const Ports& do_ports() override { return ports_; }
  void do_poll(Instant now) override;
  Instant do_next() const override { return first_to_finish()->next(); }
  Port* first_to_finish() const;
  void pass_time(Instant to);

  World& world_;
  twins::Tmp102 cabin_sensor_;
  twins::Bme280 air_sensor_;
  twins::Ina219 supply_monitor_;
  twins::Ads1115 converter_;
  twins::Lm75 outside_sensor_;
  twins::Mcp3008 spi_converter_;
  twins::Relay heater_;
  twins::Relay lamp_;
  twins::PulseCounter heater_meter_;
  twins::DigitalInput door_;
  twins::DigitalInput stop_button_;
  twins::AnalogLevel tank_;
  twins::PwmFan fan_;
  twins::Servo servo_;
  twins::Hwmon board_sensor_;
  twins::IioChannel tank_converter_;
  twins::Ds18b20 thermometer_;
  twins::SerialText station_;
  twins::CanSignal charger_;

  I2cBus bus_;
  SpiBus spi_bus_;
  Digital digital_;
  Analog analog_;
  Pwm pwm_;
  Attribute attribute_;
  Serial serial_;
  Can can_;
  Survey survey_{digital_, pwm_, serial_, attribute_, bus_, 1, spi_bus_, can_};
  std::array<hal::I2cBus*, 2> buses_;
  std::array<hal::SpiBus*, 1> spi_buses_;
  std::array<Port*, 8> sim_ports_;
  Ports ports_;
  bool has_begun_ = false;  ///< until then no time passes, however much the clock has
};

}  // namespace signalbox::sim
