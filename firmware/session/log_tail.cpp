#include "session/log_tail.hpp"

#include <array>

#include "base/text_writer.hpp"
#include "base/utf8.hpp"

namespace signalbox::session {

void LogTail::do_logged(Severity severity, std::string_view line) {
  std::array<char, decltype(protocol::LogLine::text)::capacity> memory{};
  TextWriter text{memory};
  while (!line.empty()) {
    const std::size_t size = utf8_character_bytes(line);
    const bool is_harmless = size > 0 && !has_controls(line.substr(0, size));
    text.put(is_harmless ? line.substr(0, size) : "?");
    line.remove_prefix(size > 0 ? size : 1);
  }
  news_.add(protocol::LogLine{.at = clock_.at, .severity = severity, .text = text.written()});
}

}  // namespace signalbox::session
