#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::hal {

/// Small named records that outlive a restart (tokens, key, certificate). It may block: while the loop runs,
/// it is used only where an administrator changes who may come in. A write is all or nothing across a power
/// cut; records are readable by their owner alone (0600).
class Store {
 public:
  /// Copies the record into `into`; its size, or `notFound`, `tooBig`, `failed` with words for a person.
  Result<std::size_t> read(std::string_view name, std::span<char> into) { return do_read(name, into); }
  Result<void> write(std::string_view name, std::string_view record) { return do_write(name, record); }
  /// The record is gone, also across a power cut; `notFound` where it was not there.
  Result<void> remove(std::string_view name) { return do_remove(name); }

 protected:
  ~Store() = default;

 private:
  virtual Result<std::size_t> do_read(std::string_view name, std::span<char> into) = 0;
  virtual Result<void> do_write(std::string_view name, std::string_view record) = 0;
  virtual Result<void> do_remove(std::string_view name) = 0;
};

}  // namespace signalbox::hal
