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
/// Of one interface in one go, so that one which never falls silent holds up nobody.
constexpr int kFramesMax = 512;

}  // namespace

void CanWorker::do_serve(const PortRequest& request, PortReply& reply) {
  const auto place = static_cast<std::size_t>(request.line);
  if (place >= readers_.size()) return;
  Reader& its = readers_[place];
  if (request.kind == PortRequest::Kind::release) {
    release(its);
    reply.completion = Completion::done;
    return;
  }
  if (request.kind != PortRequest::Kind::receive) return;
  hear_all();
  if (!admit(its, request)) {
    reply.why = "too many CAN interfaces";
    return;
  }
  Interface& interface = interfaces_[its.interface];
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
  reply.has_frame = std::exchange(its.has_frame, false);
  reply.frame_bytes = its.frame.size;
  std::copy(its.frame.bytes.begin(), its.frame.bytes.end(), reply.bytes.begin());
  reply.received_at = its.received_at;
}

/// It reads what the request names, from now on.
bool CanWorker::admit(Reader& reader, const PortRequest& request) {
  if (reader.interface != kInterfacesMax && interfaces_[reader.interface].name == request.name &&
      reader.id == request.can_id)
    return true;
  release(reader);
  const auto find = [this](std::string_view name) {
    return std::find_if(interfaces_.begin(), interfaces_.end(),
                        [name](const Interface& its) { return its.name.view() == name; });
  };
  auto found = find(request.name);
  if (found == interfaces_.end()) found = find({});
  if (found == interfaces_.end()) return false;
  found->name = request.name;
  const auto place = static_cast<std::size_t>(found - interfaces_.begin());
  reader.interface = place;
  reader.id = request.can_id;
  if (found->socket && !want(place)) found->socket = {};
  return true;
}

void CanWorker::release(Reader& reader) {
  const std::size_t place = std::exchange(reader, Reader{}).interface;
  if (place == kInterfacesMax) return;
  const bool is_read = std::any_of(readers_.begin(), readers_.end(),
                                   [place](const Reader& its) { return its.interface == place; });
  if (!is_read)
    interfaces_[place] = {};
  else if (interfaces_[place].socket && !want(place))
    interfaces_[place].socket = {};
}

bool CanWorker::open(Interface& interface, PortReply& reply) {
  Result<CanSocket> opened = CanSocket::open(interface.name);
  if (!opened) {
    reply.completion = opened.error().reason == Reason::not_found ? Completion::absent : Completion::failed;
    reply.why = opened.error().detail;
    return false;
  }
  interface.socket = std::move(*opened);
  interface.heard_at = Clock{}.now();
  if (want(static_cast<std::size_t>(&interface - interfaces_.data()))) return true;
  reply.why = error_words(errno);
  interface.socket = {};
  return false;
}

/// Its socket hears what its readers want.
bool CanWorker::want(std::size_t place) {
  std::array<CanId, kReadersMax> ids{};
  std::size_t count = 0;
  for (const Reader& its : readers_)
    if (its.interface == place) ids[count++] = its.id;
  return interfaces_[place].socket.want(std::span{ids}.first(count));
}

void CanWorker::hear(std::size_t place) {
  Interface& its = interfaces_[place];
  const Instant now = Clock{}.now();
  CanSocket::Frame frame;
  for (int i = 0; i < kFramesMax && its.socket; ++i) {
    const CanSocket::Heard heard = its.socket.receive(frame);
    if (heard == CanSocket::Heard::gone) its.socket = {};
    if (heard != CanSocket::Heard::frame) break;
    // What came before was taken then, whatever the wall clock says.
    const Instant received_at = std::max(Clock{}.now() - frame.age, its.heard_at);
    for (Reader& reader : readers_) {
      if (reader.interface != place || !(reader.id == frame.id)) continue;
      reader.has_frame = true;
      reader.frame = frame;
      reader.received_at = received_at;
    }
  }
  its.heard_at = now;
}

void CanWorker::hear_all() {
  for (std::size_t i = 0; i < kInterfacesMax; ++i) hear(i);
}

int CanWorker::do_heard(const PortRequest& /*request*/) { return kHearFramesEvery_ms; }

int CanWorker::do_silence() {
  hear_all();
  const bool is_any = std::any_of(interfaces_.begin(), interfaces_.end(),
                                  [](const Interface& its) { return static_cast<bool>(its.socket); });
  return is_any ? kHearFramesEvery_ms : -1;
}

}  // namespace signalbox::hal::kernel
