#include "journal/ending.hpp"

#include <algorithm>

namespace signalbox::journal {
namespace {

/// Whether a piece of ours may have begun like that.
bool looks_torn(std::string_view rest) {
  const std::string_view begin = rest.substr(0, std::min(rest.size(), kLineBegin.size()));
  return begin == kLineBegin.substr(0, begin.size()) || rest.find('\0') != std::string_view::npos;
}

/// The last of some whole lines, its line feed left out.
std::string_view last_line(std::string_view lines) {
  lines.remove_suffix(1);
  const std::size_t before = lines.rfind('\n');
  return before == std::string_view::npos ? lines : lines.substr(before + 1);
}

}  // namespace

Ending read_ending(std::string_view end) {
  Ending ending;
  if (end.empty()) return ending;
  const std::string_view sane = end.substr(0, end.find('\0'));
  const std::size_t feed = sane.rfind('\n');
  const std::string_view whole = sane.substr(0, feed == std::string_view::npos ? 0 : feed + 1);
  const std::string_view rest = end.substr(whole.size());
  const bool reaches_beyond = whole.empty() && end.size() >= Ending::kBytes;
  if (!rest.empty() && looks_torn(rest) && !reaches_beyond)
    ending.torn = rest.size();
  else
    ending.is_open_ended = !rest.empty();

  if (whole.empty()) {
    ending.is_empty = !ending.is_open_ended;
    ending.is_damaged = ending.is_open_ended;
    return ending;
  }
  ending.is_empty = false;
  const Result<Proof> last = read_line(last_line(whole));
  if (last) ending.last = *last;
  ending.is_damaged = ending.is_open_ended || !last || !last->proves();
  return ending;
}

}  // namespace signalbox::journal
