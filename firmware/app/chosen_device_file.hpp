#pragma once

#include <string_view>

#include "app/text_file.hpp"
#include "base/result.hpp"
#include "device/part_kind.hpp"
#include "device/roster.hpp"

namespace signalbox::app {

/// The device file that the command line names, or else the board's own.
class ChosenDeviceFile {
 public:
  /// `path`: from the command line; nullptr where it names none. `boards_own`: JSON.
  ChosenDeviceFile(const char* path, std::string_view boards_own) : path_{path}, boards_own_{boards_own} {}

  /// For a person.
  const char* name() const { return path_ == nullptr ? "the board's device file" : path_; }
  /// The text as it is now; good until the next call. Errors: as `TextFile::read`.
  Result<std::string_view> read();
  /// Fills `roster` from it. Returns the exit code; what is wrong is on stderr, with its line.
  int declare(device::Catalogue catalogue, device::Roster& roster);

 private:
  const char* path_;
  std::string_view boards_own_;
  TextFile file_;
};

}  // namespace signalbox::app
