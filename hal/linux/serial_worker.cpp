#include "hal/linux/serial_worker.hpp"

#include <utility>

namespace signalbox::hal::kernel {
namespace {

/// The kernel keeps 4 KB of what came, and more behind that: at 115200 baud this is 2.3 KB.
constexpr int kHearEvery_ms = 200;
/// Of one port in one go.
constexpr int kReadsMax = 64;

}  // namespace

SerialWorker::SerialWorker(int socket, bool fenced)
    : ListeningWorker{{.watcher = "serial-watch", .worker = "serial"},
                      socket,
                      fenced,
                      {.watcher = Process::serial_watcher, .worker = Process::serial, .also_read = "/sys"},
                      {.kind = PortRequest::Kind::hear, .every_ms = kHearEvery_ms}} {}

void SerialWorker::do_read(LineReader& reader, const PortRequest& request, PortReply& reply) {
  if (reader.port != nullptr && !(reader.port->name == request.name && reader.port->baud == request.rate &&
                                  reader.prefix == request.channel))
    release(reader);
  if (reader.port == nullptr) {
    HeardPort* const found = port_for(request.name);
    if (found == nullptr) {
      reply.why = "too many serial ports";
      return;
    }
    if (found->baud == 0) found->baud = request.rate;
    reader = {.port = found, .prefix = request.channel, .text = {}, .dropped = found->lines.dropped()};
  }
  HeardPort& its = *reader.port;
  do_hear(its);
  if (!its.port) {
    Result<SerialPort> opened = SerialPort::open(its.name, its.baud);
    if (!opened) {
      reply.completion = opened.error().reason == Reason::not_found ? Completion::absent : Completion::failed;
      reply.why = opened.error().detail;
      return;
    }
    its.port = std::move(*opened);
  }
  reply.completion = Completion::done;
  reply.text = std::exchange(reader.text, {});
  reply.dropped = its.lines.dropped() - std::exchange(reader.dropped, its.lines.dropped());
}

void SerialWorker::do_hear(HeardPort& its) {
  std::array<char, 256> bytes{};
  for (int i = 0; i < kReadsMax && its.port; ++i) {
    const long size = its.port.read(bytes);
    if (size < 0) its.port = {};
    if (size <= 0) break;
    for (const char byte : std::string_view{bytes.data(), static_cast<std::size_t>(size)}) {
      if (!its.lines.take(byte)) continue;
      for (LineReader& reader : readers())
        if (reader.port == &its && its.lines.line().starts_with(reader.prefix.view()))
          reader.text = its.lines.line();
    }
  }
  if (!its.port) its.lines.lose();
}

}  // namespace signalbox::hal::kernel
