#pragma once

#include <cstdint>

#include "base/fixed_text.hpp"

namespace signalbox::device {

/// What is wrong with a device file, ready to be told.
struct Mistake {
  std::uint32_t line = 0;  ///< from 1; 0: the file as a whole
  std::uint32_t column = 0;
  FixedText<127> member;  ///< such as `parts[1].channels.state.safe`; empty: no member
  FixedText<127> found;
  FixedText<383> expected;

  /// `line 12, parts[1].channels.state.safe: found "on"; expected true or false`.
  FixedText<760> text() const {
    FixedText<760> place{"the file"};
    if (line > 0)
      place = member.empty() ? format_text<760>("line %u, column %u", line, column)
                             : format_text<760>("line %u, %s", line, member.c_str());
    return format_text<760>("%s: found %s; expected %s", place.c_str(), found.c_str(), expected.c_str());
  }
};

}  // namespace signalbox::device
