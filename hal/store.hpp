#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::hal {

/// Small named records that outlive a restart (tokens, keys, certificate), readable by their owner alone
/// (0600). Reading waits for the disk, which for records of this size is short enough also while the loop
/// runs.
class Store {
 public:
  /// Copies the record into `into`; its size, or `notFound`, `tooBig`, `failed` with words for a person.
  Result<std::size_t> read(std::string_view name, std::span<char> into) { return do_read(name, into); }
  /// Whether there is one, be it unreadable; error `failed` where that cannot be told or what is there is
  /// none.
  Result<bool> has(std::string_view name) { return do_has(name); }
  /// All or nothing across a power cut. Waits for the disk, which may block: while the loop runs only where
  /// an administrator changes who may come in.
  Result<void> write(std::string_view name, std::string_view record) { return do_write(name, record); }
  /// The record is gone, also across a power cut; `notFound` where it was not there.
  Result<void> remove(std::string_view name) { return do_remove(name); }
  /// Does not wait: outlives the program, but a power cut may leave the old record, the new one or a torn
  /// one. For what can be made anew.
  Result<void> write_soon(std::string_view name, std::string_view record) {
    return do_write_soon(name, record);
  }

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
};

}  // namespace signalbox::hal
