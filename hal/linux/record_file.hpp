#pragma once

#include <cstdint>
#include <string_view>
#include <sys/types.h>

#include "base/fixed_text.hpp"

namespace signalbox::hal::kernel {

/// The mode of every file that we write.
constexpr mode_t kOwnerOnly = 0600;

struct Replaced {
  std::int32_t error_number = 0;
  bool in_place =
      false;  ///< whoever reads gets the new record, though a power cut may yet bring back the old
};

/// Letters, digits, `_`, `-` and `.`, the first no dot, at most 63 bytes.
bool is_record_name(std::string_view name);

/// Where a record is written before it takes its place.
FixedText<71> name_beside(std::string_view name);

/// Writes a record beside the old one, brings it to the disk unless told otherwise, and puts it in its place
/// by rename(2): a power cut leaves the old one or the new one. Waits for the disk.
Replaced replace_record(int directory, std::string_view name, std::string_view record, bool to_disk);

}  // namespace signalbox::hal::kernel
