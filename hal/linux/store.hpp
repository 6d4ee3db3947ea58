#pragma once

#include <sys/stat.h>
#include <utility>

#include "base/fixed_text.hpp"
#include "hal/linux/descriptor.hpp"
#include "hal/linux/disk_worker.hpp"
#include "hal/store.hpp"

namespace signalbox::hal::kernel {

/// A directory with one file of mode 0600 for each record. A record is written beside the old one, brought to
/// the disk and put in its place by rename(2), so that a power cut leaves the old one or the new one. A
/// record that is removed takes with it what a writer that was killed left beside it. Names are those of
/// `is_record_name`. What must not wait for the disk is saved by the process that writes the journal.
class Store final : public hal::Store {
 public:
  /// Opens an existing directory that we may write to, and nobody else. Error `notFound`, `failed` or
  /// `forbidden`, with words for a person.
  Result<void> open(const char* directory);
  /// From now on records are saved by the process at the other end, which has the same directory. Before that
  /// `save` must not be called.
  void save_by(DiskLink writer) { writer_ = std::move(writer); }

 private:
  Result<std::size_t> do_read(std::string_view name, std::span<char> into) override;
  Result<bool> do_has(std::string_view name) override;
  Result<void> do_write(std::string_view name, std::string_view record) override {
    return put(name, record, true);
  }
  Result<void> do_write_soon(std::string_view name, std::string_view record) override {
    return put(name, record, false);
  }
  Result<void> do_remove(std::string_view name) override { return take_away(name, true); }
  Result<void> do_remove_soon(std::string_view name) override { return take_away(name, false); }
  void do_save(SaveOperation& operation) override;
  void do_poll(Instant now) override;
  Instant do_next() const override;

  Result<void> put(std::string_view name, std::string_view record, bool to_disk);
  Result<void> outcome(std::string_view name, int error_number, bool in_place) const;
  Result<void> take_away(std::string_view name, bool to_disk);
  void send();
  void take(const WriteReply& reply);
  void end(const Result<void>& outcome);
  Result<void> check_secrecy(std::string_view name, const struct stat& status) const;
  Error failure(const char* what, std::string_view name, int error_number) const;

  Descriptor directory_;
  FixedText<127> path_;
  DiskLink writer_;
  SaveOperation* pending_ = nullptr;
  int tries_left_ = 0;
  Instant polled_at_{};
  WriteDatagram<kRecordBytesMax> request_{};  ///< wiped once it has been carried out
};

}  // namespace signalbox::hal::kernel
