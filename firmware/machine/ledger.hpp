#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string_view>

#include "base/pool_gauge.hpp"
#include "machine/library_memory.hpp"
#include "machine/machine.hpp"

namespace signalbox::machine {

/// One line of the memory contract.
struct LedgerRow {
  std::string_view room;
  std::string_view what;
  std::size_t count = 0;
  std::size_t bytes = 0;  ///< in all
  std::string_view why;
};

/// Every pool the firmware has: its places, its bytes and its reason.
class Ledger {
 public:
  /// `link`: the rows of the room above the machine.
  Ledger(const Machine::Memory& memory, std::span<const LedgerRow, 3> link, const LibraryMemory& libraries);

  std::span<const LedgerRow> rows() const { return rows_; }
  std::size_t total_bytes() const;
  /// As a table in Markdown.
  void print(std::FILE* to) const;

 private:
  std::array<LedgerRow, 40> rows_;
};

}  // namespace signalbox::machine
