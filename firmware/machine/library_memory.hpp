#pragma once

#include <cstddef>
#include <span>

namespace signalbox::machine {

/// What the libraries draw from.
struct LibraryMemory {
  std::span<std::byte> tls;
  std::span<std::byte> lws;
};

}  // namespace signalbox::machine
