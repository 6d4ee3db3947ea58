#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::hal {

/// Small named records that outlive a restart (token, key, certificate), readable by their owner alone
/// (0600). Reading waits for the disk, which for records of this size is short enough also while the loop
/// runs.
class Store {
 public:
  /// Copies the record into `into`; its size, or `notFound`, `tooBig`, `failed` with words for a person.
  Result<std::size_t> read(std::string_view name, std::span<char> into) { return do_read(name, into); }
  /// All or nothing across a power cut. Waits for the disk, which may block: before the loop starts only.
  Result<void> write(std::string_view name, std::string_view record) { return do_write(name, record); }
  /// Does not wait: outlives the program, but a power cut may leave the old record, the new one or a torn
  /// one. For what can be made anew.
  Result<void> write_soon(std::string_view name, std::string_view record) {
    return do_write_soon(name, record);
  }

 protected:
  ~Store() = default;

 private:
  virtual Result<std::size_t> do_read(std::string_view name, std::span<char> into) = 0;
  virtual Result<void> do_write(std::string_view name, std::string_view record) = 0;
  virtual Result<void> do_write_soon(std::string_view name, std::string_view record) {
    return do_write(name, record);
  }
};

}  // namespace signalbox::hal
