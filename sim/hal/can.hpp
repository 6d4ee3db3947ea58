#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/can.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/can_signal.hpp"

namespace signalbox::sim {

/// A CAN interface on simulated time, with one that sends. Faults hit it by its name: `slow` and `hung` as
/// elsewhere, `fails` for bus-off, `silent` for one that is not there or down, `stuck` for one where nothing
/// comes.
class Can final : public hal::Can, public Port {
 public:
  Can(std::string_view interface, hal::CanId id, const twins::CanSignal& teller, Faults& faults)
      : interface_{interface}, id_{id}, teller_{teller}, faults_{faults} {}

  std::string_view interface() const { return interface_; }

 private:
  static constexpr std::size_t kReadersMax = 8;

  struct Reader {
    hal::CanId id;
    std::int64_t heard = 0;  ///< of the teller's frames
    bool claimed = false;
  };

  int do_claim(const hal::CanSource& source) override;
  void do_release_reader(int reader) override;
  void do_read(int reader, hal::CanReading& reading) override;
  Instant do_next() const override { return readings_.next(); }
  void do_finish_next() override;
  void hear(Reader& reader, hal::CanReading& reading, Instant at);

  FixedText<15> interface_;
  hal::CanId id_;
  const twins::CanSignal& teller_;
  Faults& faults_;
  std::array<Reader, kReadersMax> readers_{};
  InFlight<hal::CanReading, kReadersMax> readings_;
};

}  // namespace signalbox::sim
