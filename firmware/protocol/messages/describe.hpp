#pragma once

#include <string_view>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Asks what there is. Without `path`: everything one may read.
struct Describe {
  static constexpr std::string_view type = "describe";
  FixedText<kPathBytesMax> pattern{"#"};  ///< member `path`
};
Result<Describe> read_describe(const JsonReader& payload);

/// Device, limits and every channel that `principal` may read, with what it may do.
struct Description {
  static constexpr std::string_view type = "description";
  static constexpr bool is_final = true;
  FixedText<kPathBytesMax> pattern{"#"};
};
void write_payload(JsonWriter& writer, const Description& description, const Principal& principal,
                   const View& view);

}  // namespace signalbox::protocol
