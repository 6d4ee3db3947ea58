#pragma once

#include <cerrno>
#include <cstring>

#include "base/fixed_text.hpp"
#include "base/result.hpp"

namespace signalbox::link {

/// What a system call that just failed says by errno.
inline Error system_error(const char* call) {
  return {.reason = Reason::internal, .detail = format_text<95>("%s: %s", call, std::strerror(errno))};
}

}  // namespace signalbox::link
