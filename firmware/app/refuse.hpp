#pragma once

#include <cstdio>
#include <string_view>

#include "base/fixed_text.hpp"

namespace signalbox::app {

/// Tells a person at the console what stopped the program; the exit code.
inline int refuse(const char* what, std::string_view why, int code = 1) {
  std::fprintf(stderr, "signalbox: %s: %.*s\n", what, length(why), why.data());
  return code;
}

}  // namespace signalbox::app
