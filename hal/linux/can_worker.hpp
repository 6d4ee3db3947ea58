#pragma once

#include <array>

#include "hal/linux/can_socket.hpp"
#include "hal/linux/port_worker.hpp"

namespace signalbox::hal::kernel {

/// Holds the sockets of the CAN interfaces, and keeps for each reader the last frame that it wants. One for
/// all interfaces: receiving never waits for a bus. An interface that is down or gone is tried again when it
/// is asked for.
class CanWorker final : public PortWorker {
 public:
  static constexpr std::size_t kInterfacesMax = 8;
  static constexpr std::size_t kReadersMax = 32;  ///< as many as a PortLink lets wait

  CanWorker(int socket, bool fenced)
      : PortWorker{{.watcher = "can-watch", .worker = "can"},
                   socket,
                   fenced,
                   {.watcher = Process::can_watcher,
                    .worker = Process::can,
                    .directory = "/sys/class/net",
                    .may = Landlock::May::read}} {}

 private:
  struct Interface {
    FixedText<31> name;  ///< empty: nobody reads it
    CanSocket socket;
    Instant heard_at{};  ///< when what had come was taken last
  };
  struct Reader {
    std::size_t interface = kInterfacesMax;  ///< that: none
    CanId id;
    bool has_frame = false;
    CanSocket::Frame frame;
    Instant received_at{};
  };

  void do_serve(const PortRequest& request, PortReply& reply) override;
  int do_heard(const PortRequest& request) override;
  int do_silence() override;
  bool admit(Reader& reader, const PortRequest& request);
  void release(Reader& reader);
  bool open(Interface& interface, PortReply& reply);
  bool want(std::size_t place);
  void hear_all();
  void hear(std::size_t place);

  std::array<Interface, kInterfacesMax> interfaces_{};
  std::array<Reader, kReadersMax> readers_{};
};

}  // namespace signalbox::hal::kernel
