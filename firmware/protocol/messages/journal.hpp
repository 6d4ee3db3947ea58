#pragma once

#include <cstdint>

#include "base/path_pattern.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

inline constexpr std::uint32_t kJournalRecordsMax = 100;  ///< in one page

/// Asks for a page of the journal, oldest record first.
struct ReadJournal {
  static constexpr std::string_view type = "journal";
  std::uint64_t after = 0;                 ///< records behind this one; 0: from the oldest in memory
  std::uint32_t max = kJournalRecordsMax;  ///< 1 to kJournalRecordsMax
  FixedText<kPathBytesMax> channel{};      ///< a pattern; empty: all, and what happened to the device itself
  bool failed_only = false;                ///< member `outcome`: "failed"
};
Result<ReadJournal> read_journal(const JsonReader& payload);

/// As many of the records asked for as fit the answer, of channels that `principal` may read. `next` where
/// there is more to look at.
struct JournalPage {
  static constexpr std::string_view type = "journal";
  static constexpr bool is_final = true;
  static constexpr bool is_page = true;
  ReadJournal asked;
};
void write_payload(JsonWriter& writer, const JournalPage& page, const Principal& principal, const View& view);

}  // namespace signalbox::protocol
