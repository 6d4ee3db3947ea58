#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "journal/line.hpp"

namespace signalbox::journal {

/// Proves a journal line by line: each line is as it was written, follows the one before, and none is missing
/// that no gap accounts for. Lines before the first may be in another file.
class Verifier {
 public:
  /// The next line, without its line feed. Error: `field` says what is wrong with it, `detail` what was found
  /// and what would be right. A wrong line is not counted and the one before stays the last.
  Result<void> take(std::string_view line);

  std::uint64_t proven() const { return proven_; }  ///< lines
  std::uint64_t first() const { return first_; }    ///< sequence
  std::uint64_t last() const { return last_; }
  std::uint64_t gaps() const { return gaps_; }
  const Digest& head() const { return head_; }  ///< the last line's hash
  bool ends_stopped() const { return ends_stopped_; }

 private:
  Result<void> check_order(const Proof& proof) const;

  std::uint64_t proven_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t gaps_ = 0;
  Digest head_{};
  bool ends_stopped_ = false;
};

}  // namespace signalbox::journal
