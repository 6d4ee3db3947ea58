#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/attribute.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/published.hpp"

namespace signalbox::sim {

/// What the kernel's drivers would publish, on simulated time. Faults hit a source by its device's name:
/// `fails` and `hung` as elsewhere, `silent` for one that is not there.
class Attribute final : public hal::Attribute, public Port {
 public:
  explicit Attribute(Faults& faults) : faults_{faults} {}

  /// Makes it a source; false where there is no room.
  bool attach(const hal::AttributeSource& source, twins::Published& published);

  /// Its place; kNoSource where there is none.
  int find(const hal::AttributeSource& source) const;
  std::size_t sources_count() const { return sources_count_; }
  hal::AttributeSource source(std::size_t i) const {
    return {sources_[i].subsystem, sources_[i].device, sources_[i].channel};
  }

 private:
  static constexpr std::size_t kSourcesMax = 8;
  static constexpr std::size_t kReadingsMax = 32;

  struct Source {
    hal::AttributeSource::Subsystem subsystem{};
    FixedText<31> device;
    FixedText<31> channel;
    twins::Published* published = nullptr;
  };

  int do_claim(const hal::AttributeSource& source) override { return find(source); }
  void do_release_source(int /*source*/) override {}
  void do_read(int source, hal::AttributeReading& reading) override;
  Instant do_next() const override { return readings_.next(); }
  void do_finish_next() override;

  Faults& faults_;
  std::array<Source, kSourcesMax> sources_{};
  std::size_t sources_count_ = 0;
  InFlight<hal::AttributeReading, kReadingsMax> readings_;
};

}  // namespace signalbox::sim
