#include "hal/linux/serial_worker.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::hal::kernel {
namespace {

/// The kernel keeps 4 KB of what came, and more behind that: at 115200 baud this is 2.3 KB.
constexpr int kHearEvery_ms = 200;
/// Of one port in one go, so that one which never falls silent holds up nobody.
constexpr int kReadsMax = 64;

}  // namespace

void SerialWorker::do_serve(const PortRequest& request, PortReply& reply) {
  const auto place = static_cast<std::size_t>(request.line);
  if (place >= readers_.size()) return;
  Reader& its = readers_[place];
  if (request.kind == PortRequest::Kind::release) {
    release(its);
    reply.completion = Completion::done;
    return;
  }
  if (request.kind != PortRequest::Kind::hear) return;
  if (its.port != kPortsMax && !(ports_[its.port].device == request.name && its.prefix == request.channel &&
                                 ports_[its.port].baud == request.rate))
    release(its);
  if (its.port == kPortsMax) {
    const std::size_t port = port_for(request);
    if (port == kPortsMax) {
      reply.why = "too many serial ports";
      return;
    }
    its = {.port = port, .prefix = request.channel, .text = {}, .dropped = ports_[port].lines.dropped()};
  }
  Port& port = ports_[its.port];
  hear(its.port);
  if (!port.port) {
    Result<SerialPort> opened = SerialPort::open(port.device, port.baud);
    if (!opened) {
      reply.completion = opened.error().reason == Reason::not_found ? Completion::absent : Completion::failed;
      reply.why = opened.error().detail;
      return;
    }
    port.port = std::move(*opened);
  }
  reply.completion = Completion::done;
  reply.text = std::exchange(its.text, {});
  reply.dropped = port.lines.dropped() - std::exchange(its.dropped, port.lines.dropped());
}

std::size_t SerialWorker::port_for(const PortRequest& request) {
  const auto find = [this](std::string_view device) {
    return static_cast<std::size_t>(
        std::find_if(ports_.begin(), ports_.end(),
                     [device](const Port& its) { return its.device.view() == device; }) -
        ports_.begin());
  };
  const std::size_t known = find(request.name);
  const std::size_t place = known != kPortsMax ? known : find({});
  if (known == kPortsMax && place != kPortsMax) {
    ports_[place].device = request.name;
    ports_[place].baud = request.rate;
  }
  return place;
}

void SerialWorker::release(Reader& reader) {
  const std::size_t port = std::exchange(reader, Reader{}).port;
  const bool is_read =
      std::any_of(readers_.begin(), readers_.end(), [port](const Reader& its) { return its.port == port; });
  if (port != kPortsMax && !is_read) ports_[port] = {};
}

void SerialWorker::hear(std::size_t place) {
  Port& its = ports_[place];
  std::array<char, 256> bytes{};
  for (int i = 0; i < kReadsMax && its.port; ++i) {
    const long size = its.port.read(bytes);
    if (size < 0) its.port = {};
    if (size <= 0) break;
    for (const char byte : std::string_view{bytes.data(), static_cast<std::size_t>(size)}) {
      if (!its.lines.take(byte)) continue;
      for (Reader& reader : readers_)
        if (reader.port == place && its.lines.line().starts_with(reader.prefix.view()))
          reader.text = its.lines.line();
    }
  }
  if (!its.port) its.lines.lose();
}

void SerialWorker::hear_all() {
  for (std::size_t i = 0; i < kPortsMax; ++i) hear(i);
}

int SerialWorker::do_heard(const PortRequest& /*request*/) { return kHearEvery_ms; }

int SerialWorker::do_silence() {
  hear_all();
  const bool is_any =
      std::any_of(ports_.begin(), ports_.end(), [](const Port& its) { return static_cast<bool>(its.port); });
  return is_any ? kHearEvery_ms : -1;
}

}  // namespace signalbox::hal::kernel
