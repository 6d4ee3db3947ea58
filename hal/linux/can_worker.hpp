#pragma once

#include "hal/linux/can_socket.hpp"
#include "hal/linux/listening_worker.hpp"

namespace signalbox::hal::kernel {

/// A CAN interface that somebody reads.
struct HeardInterface {
  FixedText<31> name;
  CanSocket socket;
  Instant heard_at{};  ///< when what had come was taken last

  explicit operator bool() const { return static_cast<bool>(socket); }
};

/// Who wants the last frame of that id.
struct FrameReader {
  HeardInterface* port = nullptr;
  CanId id;
  bool has_frame = false;
  CanSocket::Frame frame;
  Instant received_at{};
};

/// Holds the sockets of the CAN interfaces, and keeps for each reader the last frame that it wants. One for
/// all interfaces: receiving never waits for a bus. As many readers as a PortLink lets wait.
class CanWorker final : public ListeningWorker<HeardInterface, FrameReader, 8, 32> {
 public:
  CanWorker(int socket, bool fenced);

 private:
  void do_read(FrameReader& reader, const PortRequest& request, PortReply& reply) override;
  void do_hear(HeardInterface& interface) override;
  void do_readers_changed(HeardInterface& interface) override;
  bool admit(FrameReader& reader, const PortRequest& request);
  bool open(HeardInterface& interface, PortReply& reply);
  bool want(const HeardInterface& interface);
};

}  // namespace signalbox::hal::kernel
