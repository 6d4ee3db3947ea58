#include "sim/world.hpp"

#include <cmath>
#include <numbers>

namespace signalbox::sim {
namespace {

// The cabin: its air and fittings as one thermal mass behind thin walls.
constexpr double kHeatCapacity = 3600.0;  // J/K
constexpr double kWallLoss = 10.0;        // W/K
constexpr double kFanLoss = 25.0;         // W/K at full speed
constexpr double kDoorLoss = 30.0;        // W/K while open
constexpr double kHeaterWatts = 350.0;
constexpr double kHeaterLag = 3.0;  // s, the element's own warming
constexpr double kSupplyVolts = 24.0;
constexpr double kSupplyOhms = 0.02;  // of the supply and its wires

constexpr double kVapourHectopascals = 11.0;  // water in the air, which warms without getting wetter

// The door opens for 8 s in every 90 s.
constexpr double kDoorPeriod = 90.0;
constexpr double kDoorOpensAt = 40.0;
constexpr double kDoorShutsAt = 48.0;

double wave(double seconds, double period) {
  return std::sin(2.0 * std::numbers::pi * std::fmod(seconds, period) / period);
}

}  // namespace

void World::step() {
  constexpr double seconds = std::chrono::duration<double>(kStep).count();
  at_ += kStep;
  const double time = std::chrono::duration<double>(at_.time_since_epoch()).count();
  const double into_door_period = std::fmod(time, kDoorPeriod);
  door_open_ = door_held_.value_or(into_door_period >= kDoorOpensAt && into_door_period < kDoorShutsAt);
  ambient_celsius_ = 16.0 + 3.0 * wave(time, 1800.0);
  hectopascals_ = 1013.25 + 4.0 * wave(time, 7200.0);
  tank_fraction_ = 0.5 + 0.25 * wave(time, 240.0) + 0.05 * wave(time, 37.0);

  heater_watts_ += ((heater_on_ ? kHeaterWatts : 0.0) - heater_watts_) * seconds / kHeaterLag;
  heater_kwh_ += (heater_on_ ? kHeaterWatts : 0.0) * seconds / 3.6e6;
  const double loss = kWallLoss + kFanLoss * airflow_ + (door_open_ ? kDoorLoss : 0.0);
  const double watts = heater_watts_ - loss * (cabin_celsius_ - ambient_celsius_);
  cabin_celsius_ += watts * seconds / kHeatCapacity;
}

/// Against saturation, by the Magnus formula.
double World::humidity_percent() const {
  const double saturated = 6.112 * std::exp(17.62 * cabin_celsius_ / (243.12 + cabin_celsius_));
  return std::min(100.0 * kVapourHectopascals / saturated, 100.0);
}

double World::heater_amperes() const { return heater_on_ ? kHeaterWatts / kSupplyVolts : 0.0; }

double World::supply_volts() const { return kSupplyVolts - heater_amperes() * kSupplyOhms; }

}  // namespace signalbox::sim
