#pragma once

#include <array>
#include <string>
#include <vector>

#include "journal/line.hpp"
#include "journal/verifier.hpp"

namespace signalbox::journal {

/// Somebody switched the heater.
inline Record heated(std::string_view after = "true") {
  return {.at_ms = 1'763'683'200'123,
          .latency_ms = 3,
          .channel = "cabin/heater",
          .cause = "command",
          .who = "owner",
          .session = "0-1",
          .peer = "192.0.2.7",
          .before = "false",
          .after = after,
          .outcome = Record::kApplied};
}

/// Lines of a chain, line feeds included.
class Chain {
 public:
  Chain& add(Record record) {
    record.sequence = ++sequence_ + (record.lost > 0 ? record.lost - 1 : 0);
    sequence_ = record.sequence;
    std::array<char, kLineBytesMax> into{};
    lines.emplace_back(write_line(record, head_, into, head_));
    return *this;
  }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line;
    return all;
  }

  std::vector<std::string> lines;

 private:
  std::uint64_t sequence_ = 0;
  Digest head_{};
};

/// How many lines of the text are proven before the first that is not, and what that one is told.
struct Verdict {
  std::uint64_t proven = 0;
  std::string complaint;  ///< empty: all is proven
  std::uint64_t gaps = 0;
  std::uint64_t last = 0;
};
inline Verdict verdict_on(std::string_view text) {
  Verifier verifier;
  std::string complaint;
  while (!text.empty() && complaint.empty()) {
    const std::size_t feed = text.find('\n');
    const Result<void> taken = verifier.take(text.substr(0, feed));
    if (!taken) complaint = std::string{taken.error().field} + ": " + std::string{taken.error().detail};
    if (feed == std::string_view::npos && taken) complaint = "incomplete";
    text.remove_prefix(feed == std::string_view::npos ? text.size() : feed + 1);
  }
  return {verifier.proven(), complaint, verifier.gaps(), verifier.last()};
}

}  // namespace signalbox::journal
