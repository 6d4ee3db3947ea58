#include "hal/linux/can_worker.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "hal/linux/clock.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

/// The kernel keeps some 200 frames for us, and drops those that come after: at 1 Mbit/s a bus has 8 in a
/// millisecond at most.
constexpr int kHearFramesEvery_ms = 20;
/// Of one interface in one go.
constexpr int kFramesMax = 512;

}  // namespace

CanWorker::CanWorker(int socket, bool fenced)
    : ListeningWorker{{.watcher = "can-watch", .worker = "can"},
                      socket,
                      fenced,
                      {.watcher = Process::can_watcher,
                       .worker = Process::can,
                       .directory = "/sys/class/net",
                       .may = Landlock::May::read},
                      {.kind = PortRequest::Kind::receive, .every_ms = kHearFramesEvery_ms}} {}

void CanWorker::do_read(FrameReader& reader, const PortRequest& request, PortReply& reply) {
  hear_all();
  if (!admit(reader, request)) {
    reply.why = "too many CAN interfaces";
    return;
  }
  HeardInterface& interface = *reader.port;
  if (!interface.socket && !open(interface, reply)) return;
  if (interface.socket.state() == CanState::off || !interface.socket.has_carrier(interface.name)) {
    reply.why = format_text<95>(
        "bus-off: see to wires and bit rate; to come back: ip link set %s type can restart-ms 100",
        interface.name.c_str());
    return;
  }
  reply.completion = Completion::done;
  if (interface.socket.state() == CanState::passive)
    reply.why = "error-passive: see to its wires, their ends (120 ohms) and the bit rate";
  reply.has_frame = std::exchange(reader.has_frame, false);
  reply.frame_bytes = reader.frame.size;
  std::copy(reader.frame.bytes.begin(), reader.frame.bytes.end(), reply.bytes.begin());
  reply.received_at = reader.received_at;
}

/// It reads what the request names, from now on.
bool CanWorker::admit(FrameReader& reader, const PortRequest& request) {
  if (reader.port != nullptr && reader.port->name == request.name && reader.id == request.can_id) return true;
  release(reader);
  HeardInterface* const found = port_for(request.name);
  if (found == nullptr) return false;
  reader.port = found;
  reader.id = request.can_id;
  do_readers_changed(*found);
  return true;
}

void CanWorker::do_readers_changed(HeardInterface& interface) {
  if (interface.socket && !want(interface)) interface.socket = {};
}

bool CanWorker::open(HeardInterface& interface, PortReply& reply) {
  Result<CanSocket> opened = CanSocket::open(interface.name);
  if (!opened) {
    reply.completion = opened.error().reason == Reason::not_found ? Completion::absent : Completion::failed;
    reply.why = opened.error().detail;
    return false;
  }
  interface.socket = std::move(*opened);
  interface.heard_at = Clock{}.now();
  if (want(interface)) return true;
  reply.why = error_words(errno);
  interface.socket = {};
  return false;
}

/// Its socket hears what its readers want.
bool CanWorker::want(const HeardInterface& interface) {
  std::array<CanId, kReadersMax> ids{};
  std::size_t count = 0;
  for (const FrameReader& its : readers())
    if (its.port == &interface) ids[count++] = its.id;
  return interface.socket.want(std::span{ids}.first(count));
}

void CanWorker::do_hear(HeardInterface& its) {
  const Instant now = Clock{}.now();
  CanSocket::Frame frame;
  for (int i = 0; i < kFramesMax && its.socket; ++i) {
    const CanSocket::Heard heard = its.socket.receive(frame);
    if (heard == CanSocket::Heard::gone) its.socket = {};
    if (heard != CanSocket::Heard::frame) break;
    // What came before was taken then, whatever the wall clock says.
    const Instant received_at = std::max(Clock{}.now() - frame.age, its.heard_at);
    for (FrameReader& reader : readers()) {
      if (reader.port != &its || !(reader.id == frame.id)) continue;
      reader.has_frame = true;
      reader.frame = frame;
      reader.received_at = received_at;
    }
  }
  its.heard_at = now;
}

}  // namespace signalbox::hal::kernel
