#include "sim/storm/trace.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdarg>
#include <cstring>

#include "base/fixed_text.hpp"

namespace signalbox::sim::storm {
namespace {

constexpr std::size_t kLineBytes = 400;

/// vsnprintf, cut to the buffer.
std::string_view formatted(std::array<char, kLineBytes>& buffer, std::size_t from, const char* format,
                           std::va_list arguments) {
  const int wanted = std::vsnprintf(buffer.data() + from, buffer.size() - from, format, arguments);
  const std::size_t size = std::min(from + static_cast<std::size_t>(std::max(wanted, 0)), buffer.size() - 1);
  return {buffer.data(), size};
}

}  // namespace

void Trace::line(const char* format, ...) {
  std::array<char, kLineBytes> buffer;
  const int stamp =
      std::snprintf(buffer.data(), buffer.size(), "%6llu %10lld ", static_cast<unsigned long long>(step_),
                    static_cast<long long>(now_.time_since_epoch().count()));
  std::va_list arguments;
  va_start(arguments, format);
  const std::string_view text = formatted(buffer, static_cast<std::size_t>(stamp), format, arguments);
  va_end(arguments);
  add(text);
}

void Trace::message(std::string_view who, std::uint32_t number, std::string_view verb, std::string_view text,
                    std::size_t bytes_max) {
  std::array<char, kLineBytes> buffer;
  char* end = buffer.data();
  char* const limit = end + buffer.size();
  const auto put = [&end, limit](std::string_view part) {
    end = std::copy_n(part.data(), std::min<std::ptrdiff_t>(std::ssize(part), limit - end), end);
  };
  end = std::to_chars(end, limit, step_).ptr;
  put(" ");
  end = std::to_chars(end, limit, now_.time_since_epoch().count()).ptr;
  put(" ");
  put(who);
  put(" ");
  end = std::to_chars(end, limit, number).ptr;
  put(verb);
  put(text.substr(0, bytes_max));
  add({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

void Trace::fail(const char* format, ...) {
  if (failed()) return;
  std::array<char, kLineBytes> buffer;
  std::va_list arguments;
  va_start(arguments, format);
  broken_ = formatted(buffer, 0, format, arguments);
  va_end(arguments);
}

void Trace::add(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15U;
    hash_ ^= hash_ >> 29U;
  }
  for (; at < text.size(); ++at) hash_ = (hash_ ^ static_cast<unsigned char>(text[at])) * 0x100000001B3U;
  last_[count_ % last_.size()].assign(text);
  ++count_;
  if (shown_) std::printf("%.*s\n", length(text), text.data());
}

void Trace::print(std::FILE* to) const {
  const std::size_t kept = std::min(count_, last_.size());
  std::fprintf(to, "the last %zu lines (step, virtual time in µs):\n", kept);
  for (std::size_t i = count_ - kept; i < count_; ++i)
    std::fprintf(to, "%s\n", last_[i % last_.size()].c_str());
  std::fprintf(to, "step %llu, virtual time %.6f s: %s\n", static_cast<unsigned long long>(step_),
               std::chrono::duration<double>(now_.time_since_epoch()).count(),
               failed() ? broken_.c_str() : "no invariant broken");
}

}  // namespace signalbox::sim::storm
