#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace signalbox {

enum class Severity : std::uint8_t { info, warning, error };

/// The word on the wire.
constexpr std::string_view wire_name(Severity severity) {
  constexpr std::array<std::string_view, 3> names{"info", "warning", "error"};
  return names[static_cast<std::size_t>(severity)];
}

/// Where log lines go; set once by the root. Lines carry no secrets.
using LogSink = void (*)(Severity severity, std::string_view line);
void set_log_sink(LogSink sink);

/// Somebody who is told each line as well.
class LogListener {
 public:
  /// The line without its end. Must not log.
  void logged(Severity severity, std::string_view line) { do_logged(severity, line); }

 protected:
  ~LogListener() = default;

 private:
  virtual void do_logged(Severity severity, std::string_view line) = 0;
};
/// The one who is told from now on; nullptr: nobody.
void set_log_listener(LogListener* listener);
LogListener* log_listener();

/// Writes one line, printf style; longer than 255 bytes is cut. Control characters, as a client may send
/// them, become
/// `?`: nobody writes lines of their own into the log (CWE-117).
[[gnu::format(printf, 2, 3)]] void log(Severity severity, const char* format, ...);

}  // namespace signalbox
