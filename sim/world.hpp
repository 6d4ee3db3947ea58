#pragma once

#include <algorithm>
#include <optional>

#include "base/instant.hpp"

namespace signalbox::sim {

/// What the simulated parts measure and move: a heated cabin with a door and a fan, a water tank, and
/// a stop button.
/// It is a function of what was done to it and when; how often it is asked makes no difference.
class World {
 public:
  static constexpr Duration kStep = from_ms(100);
  static constexpr Duration kLeapMax = std::chrono::minutes{10};

  /// Heater on or off from now on; its element warms up and cools down over some seconds.
  void heat(bool on) { heater_on_ = on; }
  /// Air exchanged by the fan, 0 to 1.
  void ventilate(double airflow) { airflow_ = airflow; }
  /// Holds the door open or shut; nothing: it follows its schedule.
  void hold_door(std::optional<bool> open) { door_held_ = open; }
  /// Presses the stop button, or lets it go.
  void press_stop(bool pressed) { stop_pressed_ = pressed; }

  /// The end of the step that comes next on the way to `to`; a leap of more than kLeapMax counts as that.
  Instant next_step(Instant to) {
    at_ = std::max(at_, to - kLeapMax);
    return at_ + kStep;
  }
  /// Lets that step pass.
  void step();
  /// Lets time pass up to `to` while nothing is done to the world.
  void advance(Instant to) {
    while (next_step(to) <= to) step();
  }

  double cabin_celsius() const { return cabin_celsius_; }
  double ambient_celsius() const { return ambient_celsius_; }
  /// What the heater has used.
  double heater_kwh() const { return heater_kwh_; }
  /// Of the cabin's air.
  double humidity_percent() const;
  double hectopascals() const { return hectopascals_; }
  /// What the heater draws from its supply of 24 V, and what is left of that.
  double heater_amperes() const;
  double supply_volts() const;
  bool door_open() const { return door_open_; }
  bool stop_pressed() const { return stop_pressed_; }
  /// How full the tank is, 0 to 1.
  double tank_fraction() const { return tank_fraction_; }

 private:
  bool heater_on_ = false;
  double airflow_ = 0.0;
  std::optional<bool> door_held_;
  bool stop_pressed_ = false;

  Instant at_{};
  double ambient_celsius_ = 16.0;
  double cabin_celsius_ = 18.5;
  double heater_watts_ = 0.0;
  double heater_kwh_ = 0.0;
  double hectopascals_ = 1013.25;
  bool door_open_ = false;
  double tank_fraction_ = 0.5;
};

}  // namespace signalbox::sim
