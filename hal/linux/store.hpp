#pragma once

#include <sys/stat.h>

#include "base/fixed_text.hpp"
#include "hal/linux/descriptor.hpp"
#include "hal/store.hpp"

namespace signalbox::hal::kernel {

/// A directory with one file of mode 0600 for each record. A record is written beside the old one, brought to
/// the disk and put in its place by rename(2), so that a power cut leaves the old one or the new one. A
/// record that is removed takes with it what a writer that was killed left beside it.
/// Names are of letters, digits, `_`, `-` and `.`, the first no dot, at most 63 bytes.
class Store final : public hal::Store {
 public:
  /// Opens an existing directory that we may write to, and nobody else. Error `notFound`, `failed` or
  /// `forbidden`, with words for a person; the latter also where a record is open to others.
  Result<void> open(const char* directory);

 private:
  Result<std::size_t> do_read(std::string_view name, std::span<char> into) override;
  Result<bool> do_has(std::string_view name) override;
  Result<void> do_write(std::string_view name, std::string_view record) override {
    return put(name, record, true);
  }
  Result<void> do_write_soon(std::string_view name, std::string_view record) override {
    return put(name, record, false);
  }
  Result<void> do_remove(std::string_view name) override;
  Result<void> put(std::string_view name, std::string_view record, bool to_disk);
  Result<void> check_secrecy(std::string_view name, const struct stat& status) const;
  Error failure(const char* what, std::string_view name, int error_number) const;

  Descriptor directory_;
  FixedText<127> path_;
};

}  // namespace signalbox::hal::kernel
