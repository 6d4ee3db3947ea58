#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/serial.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/serial_text.hpp"

namespace signalbox::sim {

/// Serial ports on simulated time. Faults hit a port by its device's name: `fails`, `slow` and `hung` as
/// elsewhere, `silent` for one that is not there, `stuck` for one on which nothing comes.
class Serial final : public hal::Serial, public Port {
 public:
  explicit Serial(Faults& faults) : faults_{faults} {}

  /// Connects what tells lines at `baud` to the port of that name; false where there is no room. At another
  /// baud rate it is unreadable.
  bool attach(std::string_view device, std::uint32_t baud, twins::SerialText& teller);
  bool has(std::string_view device) const { return find(device) != ports_count_; }

 private:
  static constexpr std::size_t kPortsMax = 2;
  static constexpr std::size_t kReadersMax = 8;

  struct Wire {
    FixedText<31> device;
    std::uint32_t baud = 0;
    twins::SerialText* teller = nullptr;
  };
  struct Reader {
    std::size_t port = 0;
    std::uint32_t baud = 0;
    FixedText<31> prefix;
    std::int64_t heard = 0;  ///< of the teller's lines
    bool claimed = false;
  };

  int do_claim(const hal::SerialSource& source) override;
  void do_release_reader(int reader) override;
  void do_read(int reader, hal::SerialReading& reading) override;
  Instant do_next() const override { return readings_.next(); }
  void do_finish_next() override;
  std::size_t find(std::string_view device) const;
  void hear(Reader& reader, hal::SerialReading& reading, Instant at);

  Faults& faults_;
  std::array<Wire, kPortsMax> ports_{};
  std::size_t ports_count_ = 0;
  std::array<Reader, kReadersMax> readers_{};
  InFlight<hal::SerialReading, kReadersMax> readings_;
};

}  // namespace signalbox::sim
