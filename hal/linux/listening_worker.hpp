#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "hal/linux/port_worker.hpp"

namespace signalbox::hal::kernel {

/// A PortWorker that listens to its ports all the time, so that the kernel loses nothing for want of room. A
/// port is opened once for all who read it. Each reader is kept the last that it wants. A port that is gone
/// is opened again when it is asked for.
///
/// `Port` has a `name`, empty where nobody reads it, and is true while it is open. `Reader` has a `port`,
/// nullptr where it reads none.
template <typename Port, typename Reader, std::size_t kPorts, std::size_t kReaders>
class ListeningWorker : public PortWorker {
 public:
  static constexpr std::size_t kPortsMax = kPorts;
  static constexpr std::size_t kReadersMax = kReaders;

 protected:
  /// How a port is asked for, and after how long at most the kernel has to be asked what came.
  struct Listening {
    PortRequest::Kind kind;
    int every_ms;
  };

  ListeningWorker(Names names, int socket, bool fenced, const PortFence& fence, Listening listening)
      : PortWorker{names, socket, fenced, fence}, listening_{listening} {}
  ~ListeningWorker() = default;

  std::array<Reader, kReadersMax>& readers() { return readers_; }

  /// The port of that name, or one that nobody reads, by that name from now on; nullptr: all are read. It is
  /// the caller's to have it read.
  Port* port_for(std::string_view name) {
    const auto find = [this](std::string_view wanted) {
      return std::find_if(ports_.begin(), ports_.end(),
                          [wanted](const Port& its) { return its.name.view() == wanted; });
    };
    auto found = find(name);
    if (found == ports_.end()) found = find({});
    if (found == ports_.end()) return nullptr;
    found->name = name;
    return &*found;
  }
  /// It reads nothing any more; a port that nobody reads is closed.
  void release(Reader& reader) {
    Port* const port = std::exchange(reader, Reader{}).port;
    if (port == nullptr) return;
    if (std::any_of(readers_.begin(), readers_.end(), [port](const Reader& its) { return its.port == port; }))
      do_readers_changed(*port);
    else
      *port = {};
  }
  /// Takes what came everywhere.
  void hear_all() {
    for (Port& port : ports_) do_hear(port);
  }

 private:
  /// Gives the reader what it asks for, of the port that the request names.
  virtual void do_read(Reader& reader, const PortRequest& request, PortReply& reply) = 0;
  /// Takes what came there, if it is open, and hands it to its readers. No more than a bounded part of it: a
  /// port that never falls silent holds up nobody.
  virtual void do_hear(Port& port) = 0;
  /// Who reads the port has changed, and somebody still does.
  virtual void do_readers_changed(Port& /*port*/) {}

  void do_serve(const PortRequest& request, PortReply& reply) final {
    const auto place = static_cast<std::size_t>(request.line);
    if (place >= readers_.size()) return;
    if (request.kind == PortRequest::Kind::release) {
      release(readers_[place]);
      reply.completion = Completion::done;
    } else if (request.kind == listening_.kind) {
      do_read(readers_[place], request, reply);
    }
  }
  int do_heard(const PortRequest& /*request*/) final { return listening_.every_ms; }
  int do_silence() final {
    hear_all();
    const bool is_any =
        std::any_of(ports_.begin(), ports_.end(), [](const Port& its) { return static_cast<bool>(its); });
    return is_any ? listening_.every_ms : -1;
  }

  Listening listening_;
  std::array<Port, kPortsMax> ports_{};
  std::array<Reader, kReadersMax> readers_{};
};

}  // namespace signalbox::hal::kernel
