#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "base/instant.hpp"

namespace signalbox::sim::storm {

/// What happened in a run: a hash over all of it, its last lines, and the first invariant that broke.
class Trace {
 public:
  static constexpr std::size_t kLinesKept = 30;

  explicit Trace(bool shown = false) : shown_{shown} {}

  void at(std::uint64_t step, Instant now) {
    step_ = step;
    now_ = now;
  }
  /// One line, printf style, stamped with step and virtual time; also part of the hash.
  [[gnu::format(printf, 2, 3)]] void line(const char* format, ...);
  /// The same for what is sent: `who`, its number, what is done, and the beginning of the text.
  void message(std::string_view who, std::uint32_t number, std::string_view verb, std::string_view text,
               std::size_t bytes_max);
  /// An invariant is broken, in words; the first one counts and ends the run.
  [[gnu::format(printf, 2, 3)]] void fail(const char* format, ...);

  bool failed() const { return !broken_.empty(); }
  const std::string& broken() const { return broken_; }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t step() const { return step_; }
  Instant now() const { return now_; }
  /// Step, time, the invariant and the last lines.
  void print(std::FILE* to) const;

 private:
  void add(std::string_view text);

  bool shown_;
  std::uint64_t step_ = 0;
  Instant now_{};
  std::uint64_t hash_ = 0xCBF29CE484222325U;
  std::size_t count_ = 0;
  std::array<std::string, kLinesKept> last_;
  std::string broken_;
};

}  // namespace signalbox::sim::storm
