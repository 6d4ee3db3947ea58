#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "device/actuator.hpp"
#include "device/part_kind.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"

namespace signalbox::drivers {

/// One real driver on the simulated bench, stepped as the machine steps it.
class PartBench : private device::ReadingSink {
 public:
  struct Told {
    std::uint8_t port = 0;
    std::optional<device::Value> value;  ///< nothing: a fault
    std::string why;
    Instant at{};
  };
  using Named = std::pair<std::string_view, device::Setting>;

  explicit PartBench(hal::Host* host = nullptr) : platform_{world, faults, host != nullptr ? *host : host_} {
    platform_.poll(clock.now());
  }
  ~PartBench() {
    if (part_ != nullptr) std::destroy_at(part_);
  }

  /// Makes the part; settings that are not named have their fallbacks. The error's words, or nothing.
  std::string start(const device::PartKind& kind, std::initializer_list<Named> named,
                    const device::Value& initial = false) {
    return start(kind, named, initial, platform_.ports());
  }
  std::string start(const device::PartKind& kind, std::initializer_list<Named> named,
                    const device::Value& initial, const hal::Platform::Ports& ports) {
    return start(kind, device::PartSetup{ports, settings(kind, named), initial});
  }
  std::string start(const device::PartKind& kind, const device::PartSetup& setup) {
    const Result<device::Sensor*> made = kind.construct(place_.data(), setup);
    if (!made) return std::string{made.error().detail.view()};
    part_ = *made;
    return {};
  }

  /// Steps the part whenever it or the platform is due, for that long.
  void run(Duration time) {
    const Instant end = clock.now() + time;
    for (int steps = 0;; ++steps) {
      SIGNALBOX_CHECK(steps < 1'000'000);  // a part that is always due at once spins
      platform_.poll(clock.now());
      const Instant due = part_->step(clock.now(), *this);
      const Instant next = std::max(std::min(due, platform_.next()), clock.now() + Duration{1});
      if (next > end) break;
      clock.advance_to(next);
    }
    clock.advance_to(end);
    platform_.poll(end);
  }

  device::Actuator& actuator() { return *part_->actuator(); }
  device::Sensor& part() { return *part_; }
  sim::Platform& platform() { return platform_; }

  double number(std::size_t index) const { return std::get<double>(*told.at(index).value); }
  bool boolean(std::size_t index) const { return std::get<bool>(*told.at(index).value); }
  /// Takes what was told away, to look at what comes next only.
  void forget() { told.clear(); }

  sim::World world;
  sim::Faults faults;
  sim::Clock clock;
  std::vector<Told> told;

 private:
  static device::Settings settings(const device::PartKind& kind, std::initializer_list<Named> named) {
    device::Settings all;
    for (std::size_t i = 0; i < kind.settings.size(); ++i) {
      const device::SettingSpec& spec = kind.settings[i];
      if (spec.kind == device::SettingSpec::Kind::boolean)
        all.values[i] = spec.fallback != 0.0;
      else if (spec.kind == device::SettingSpec::Kind::text)
        all.values[i] = device::Text{};
      else
        all.values[i] = spec.fallback;
      for (const Named& one : named)
        if (one.first == spec.name) all.values[i] = one.second;
    }
    return all;
  }
  void do_reading(std::uint8_t port, const device::Value& value, Instant taken_at) override {
    told.push_back({port, value, {}, std::min(taken_at, clock.now())});
  }
  void do_fault(std::uint8_t port, std::string_view why) override {
    told.push_back({port, std::nullopt, std::string{why}, clock.now()});
  }

  sim::Host host_{clock};
  sim::Platform platform_;
  alignas(std::max_align_t) std::array<std::byte, device::kPartBytesMax> place_{};
  device::Sensor* part_ = nullptr;
};

}  // namespace signalbox::drivers
