#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/telemetry/history_run.hpp"
#include "hal/linux/append_log.hpp"
#include "hal/linux/store.hpp"
#include "journal/journal.hpp"

namespace signalbox::power {

/// Files by their names.
using Files = std::map<std::string, std::string>;

/// A journal in the files of a directory, written as a device writes it.
class JournalledRun {
 public:
  JournalledRun(const char* directory, std::uint64_t file_bytes);
  /// Adds a record and waits until it is safe.
  bool commit(std::string_view detail, journal::Record::Kind kind = journal::Record::Kind::reset);

  hal::kernel::AppendLog log;
  std::array<journal::Record, 16> records;
  std::array<char, hal::AppendLog::kPieceBytesMax> piece{};
  journal::Journal journal{{records, piece}};
  Instant now{};
  Result<void> opened;
};

/// A device that keeps its history in the files of a directory, beside a journal.
class HistoryInFiles {
 public:
  HistoryInFiles(const char* directory, std::uint64_t file_bytes);
  /// Samples the next number, one more than the last one ever, and waits until it is written.
  bool sample();
  /// The numbers that are in the history, oldest first, those of earlier runs first.
  std::vector<double> numbers() const;

  hal::kernel::AppendLog history;  ///< beside the journal, which therefore ends first
  hal::kernel::AppendLog journal;
  Result<void> opened;
  std::optional<telemetry::HistoryRun> run;
  double next = 1.0;
};

/// Saves records in a directory as a device does that waits for no disk.
class SavingRun {
 public:
  explicit SavingRun(const char* directory);
  /// Saves and waits until it is safe, or has failed.
  bool save(std::string_view name, std::string_view record);

  hal::kernel::Store store;
  hal::kernel::AppendLog log;
  Result<void> opened;
};

/// What a journal has in that directory.
Files files_in(const std::filesystem::path& directory);

/// Proves what is there up to what a cut has torn; the last sequence.
std::uint64_t proven(const Files& files);

}  // namespace signalbox::power
