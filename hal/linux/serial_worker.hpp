#pragma once

#include <array>

#include "hal/linux/port_worker.hpp"
#include "hal/linux/serial_port.hpp"
#include "hal/linux/text_lines.hpp"

namespace signalbox::hal::kernel {

/// Holds the serial ports, and keeps for each reader the last line that it wants. A port that is gone is
/// opened again when it is asked for.
class SerialWorker final : public PortWorker {
 public:
  static constexpr std::size_t kPortsMax = 8;
  static constexpr std::size_t kReadersMax = 16;

  SerialWorker(int socket, bool fenced)
      : PortWorker{{.watcher = "serial-watch", .worker = "serial"},
                   socket,
                   fenced,
                   {.watcher = Process::serial_watcher, .worker = Process::serial, .also_read = "/sys"}} {}

 private:
  struct Port {
    FixedText<31> device;  ///< empty: nobody reads it
    std::uint32_t baud = 0;
    SerialPort port;
    TextLines lines;
  };
  struct Reader {
    std::size_t port = kPortsMax;  ///< that: none
    FixedText<31> prefix;
    FixedText<TextLines::kLineBytesMax> text;
    std::uint32_t dropped = 0;  ///< by the port, when it was read last
  };

  void do_serve(const PortRequest& request, PortReply& reply) override;
  int do_heard(const PortRequest& request) override;
  int do_silence() override;
  void release(Reader& reader);
  std::size_t port_for(const PortRequest& request);
  void hear_all();
  void hear(std::size_t place);

  std::array<Port, kPortsMax> ports_{};
  std::array<Reader, kReadersMax> readers_{};
};

}  // namespace signalbox::hal::kernel
