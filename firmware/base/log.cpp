#include "base/log.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

namespace signalbox {
namespace {

void to_stderr(Severity severity, std::string_view line) {
  constexpr std::array<const char*, 3> words{"info", "warning", "error"};
  std::fprintf(stderr, "%s: %.*s\n", words[static_cast<std::size_t>(severity)], static_cast<int>(line.size()),
               line.data());
}

LogSink current_sink = to_stderr;
LogListener* current_listener = nullptr;

}  // namespace

void set_log_sink(LogSink sink) { current_sink = sink != nullptr ? sink : to_stderr; }

void set_log_listener(LogListener* listener) { current_listener = listener; }

LogListener* log_listener() { return current_listener; }

void log(Severity severity, const char* format, ...) {
  std::array<char, 256> line{};
  std::va_list arguments;
  va_start(arguments, format);
  const int wanted = std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  const std::size_t size = std::min(static_cast<std::size_t>(std::max(wanted, 0)), line.size() - 1);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; };
  std::replace_if(line.begin(), line.begin() + size, is_control, '?');
  current_sink(severity, {line.data(), size});
  if (current_listener != nullptr) current_listener->logged(severity, {line.data(), size});
}

}  // namespace signalbox
