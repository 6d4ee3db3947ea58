#pragma once

#include "hal/linux/listening_worker.hpp"
#include "hal/linux/serial_port.hpp"
#include "hal/linux/text_lines.hpp"

namespace signalbox::hal::kernel {

/// A serial port that somebody reads.
struct HeardPort {
  FixedText<31> name;  ///< its device
  std::uint32_t baud = 0;
  SerialPort port;
  TextLines lines;

  explicit operator bool() const { return static_cast<bool>(port); }
};

/// Who wants the last line that begins with its prefix.
struct LineReader {
  HeardPort* port = nullptr;
  FixedText<31> prefix;
  FixedText<TextLines::kLineBytesMax> text;
  std::uint32_t dropped = 0;  ///< by the port, when it was read last
};

/// Holds the serial ports, and keeps for each reader the last line that it wants.
class SerialWorker final : public ListeningWorker<HeardPort, LineReader, 8, 16> {
 public:
  SerialWorker(int socket, bool fenced);

 private:
  void do_read(LineReader& reader, const PortRequest& request, PortReply& reply) override;
  void do_hear(HeardPort& port) override;
};

}  // namespace signalbox::hal::kernel
