#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "journal/digest.hpp"
#include "journal/record.hpp"

namespace signalbox::journal {

/// The longest line, its end included: every byte of every text escaped, twice 64 digits, the names.
inline constexpr std::size_t kLineBytesMax = 3072;
/// Every line begins like that.
inline constexpr std::string_view kLineBegin = R"({"sequence":)";

/// What proves a line.
struct Proof {
  std::uint64_t sequence = 0;
  Record::Kind kind = Record::Kind::actuation;
  std::uint64_t lost = 0;
  bool while_stopped = false;
  Digest previous{};  ///< the hash of the line before; zeros: nothing is before
  Digest hash{};      ///< as the line says; `proves` tells whether it is true
  Digest computed{};  ///< of the line as it stands

  bool proves() const { return hash == computed; }
};

/// Writes the record as one line of JSON (RFC 8259) that ends in `,"previous":"<64 digits>","hash":"<64
/// digits>"}` and a line feed. What is hashed: all of the line before `,"hash":`, that is without its last 75
/// characters and the line feed. Returns the line, empty where it does not fit; `hash` is then unchanged.
std::string_view write_line(const Record& record, const Digest& previous, std::span<char> into, Digest& hash);

/// Takes a line apart, without its line feed. Error: what was found and what would be right.
Result<Proof> read_line(std::string_view line);

}  // namespace signalbox::journal
