#pragma once

#include <cstddef>

#include "base/result.hpp"

namespace signalbox::link {

/// Sees to it that the process may open enough descriptors, and while it lives narrows the limit to just
/// that: libwebsockets sizes its table of sockets by the limit, which may be a million.
class DescriptorLimit {
 public:
  DescriptorLimit() = default;
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  /// Widens the limit again to what it was, or to what was asked for where that is more.
  ~DescriptorLimit();

  /// Room for `further` descriptors beside those open now; their numbers will be below `numbers_max`.
  Result<void> narrow(std::size_t further, std::size_t numbers_max);

 private:
  bool narrowed_ = false;
  std::size_t wide_ = 0;
};

}  // namespace signalbox::link
