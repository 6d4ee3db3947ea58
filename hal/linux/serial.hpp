#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/linux/port_link.hpp"
#include "hal/linux/serial_worker.hpp"
#include "hal/serial.hpp"

namespace signalbox::hal::kernel {

/// The machine's serial ports, held by hal/linux/serial_worker. What is not there, or cannot be read, is
/// logged once, and when it is right again.
class Serial final : public hal::Serial {
 public:
  /// Starts the process that holds them.
  Result<void> open(bool fenced);
  void poll(Instant now);
  Instant next() const { return link_.next(); }

 private:
  struct Reader {
    PortRequest request;
    bool is_claimed = false;
    SerialReading* reading = nullptr;
    FixedText<95> trouble;  ///< what was logged
  };

  int do_claim(const SerialSource& source) override;
  void do_release_reader(int reader) override;
  void do_read(int reader, SerialReading& reading) override;
  static void finish(void* record, const PortReply& reply);

  PortLink link_;
  std::array<Reader, SerialWorker::kReadersMax> readers_{};
};

}  // namespace signalbox::hal::kernel
