#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// A record to save. It stays in place while it is pending; what name and record lie in need not.
struct SaveOperation {
  std::string_view name;
  std::string_view record;  ///< at most Store::kRecordBytesMax
  Completion completion = Completion::idle;
  FixedText<127> why;  ///< where it failed: why, for a person
};

/// Small named records that outlive a restart (tokens, keys, certificate), readable by their owner alone
/// (0600). Reading waits for the disk, which for records of this size is short enough also while the loop
/// runs.
class Store {
 public:
  static constexpr std::size_t kRecordBytesMax = std::size_t{32} * 1024;

  /// Copies the record into `into`; its size, or `notFound`, `tooBig`, `forbidden` (it is open to others),
  /// `failed`, with words for a person.
  Result<std::size_t> read(std::string_view name, std::span<char> into) { return do_read(name, into); }
  /// Whether there is one, be it unreadable; error `failed` where that cannot be told or what is there is
  /// none.
  Result<bool> has(std::string_view name) { return do_has(name); }
  /// All or nothing across a power cut. Waits for the disk, so while the loop runs only for what somebody
  /// at the device has taken away.
  Result<void> write(std::string_view name, std::string_view record) { return do_write(name, record); }
  /// The same without waiting; one at a time. `done`: it outlives a power cut. `failed`: the record is what
  /// it was. A power cut meanwhile leaves the old record or the new one. Records that are saved are not
  /// written in other ways meanwhile.
  void save(SaveOperation& operation) {
    operation.completion = Completion::pending;
    operation.why.clear();
    do_save(operation);
  }
  /// Completes what has finished by `now`; bounded, never blocks.
  void poll(Instant now) { do_poll(now); }
  /// When it wants to be polled again; kNever where nothing is under way.
  Instant next() const { return do_next(); }
  /// The record is gone, also across a power cut; `notFound` where it was not there. Waits for the disk.
  Result<void> remove(std::string_view name) { return do_remove(name); }

  /// Does not wait: outlives the program, but a power cut may leave the old record, the new one or a torn
  /// one. For what can be made anew.
  Result<void> write_soon(std::string_view name, std::string_view record) {
    return do_write_soon(name, record);
  }
  /// Does not wait: a power cut may bring the record back.
  Result<void> remove_soon(std::string_view name) { return do_remove_soon(name); }

 protected:
  ~Store() = default;

 private:
  virtual Result<std::size_t> do_read(std::string_view name, std::span<char> into) = 0;
  virtual Result<bool> do_has(std::string_view name) {
    const Result<std::size_t> read = do_read(name, {});
    if (read || read.error().reason == Reason::too_big) return true;
    return read.error().reason == Reason::not_found ? Result<bool>{false} : read.error();
  }
  virtual Result<void> do_write(std::string_view name, std::string_view record) = 0;
  virtual Result<void> do_remove(std::string_view name) = 0;
  virtual Result<void> do_write_soon(std::string_view name, std::string_view record) {
    return do_write(name, record);
  }
  virtual Result<void> do_remove_soon(std::string_view name) { return do_remove(name); }
  virtual void do_save(SaveOperation& operation) = 0;
  virtual void do_poll(Instant now) = 0;
  virtual Instant do_next() const = 0;
};

}  // namespace signalbox::hal
