#include "protocol/patterns.hpp"

#include "protocol/json_reader.hpp"

namespace signalbox::protocol {

Result<Patterns> read_patterns(const JsonReader& payload) {
  Patterns patterns;
  const Result<std::size_t> count = payload.list("paths", 1, kPatternsMax);
  if (!count) return count.error();
  for (std::size_t i = 0; i < *count; ++i) {
    const Result<std::string_view> pattern = payload.text_at("paths", i, kPathBytesMax);
    if (!pattern) return pattern.error();
    if (!is_valid_pattern(*pattern))
      return payload.error_at(Reason::malformed, "paths", i,
                              found_instead(*pattern, "a path such as cabin/heater, cabin/# or +/power"));
    patterns.places[i] = *pattern;
  }
  patterns.count = static_cast<std::uint8_t>(*count);
  return patterns;
}

}  // namespace signalbox::protocol
