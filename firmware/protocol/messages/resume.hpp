#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"

namespace signalbox::protocol {

class JsonReader;

/// A session's secret, by which it can be resumed: 256 bits in base64url.
using SessionToken = FixedText<43>;

/// Takes over what an earlier session of the same client held. Answered by `ack` with outcome `resumed`.
struct Resume {
  static constexpr std::string_view type = "resume";
  FixedText<23> session;
  SessionToken token;
  std::optional<std::uint64_t> offset{};  ///< the last one it was told: what it missed since is told
};
Result<Resume> read_resume(const JsonReader& payload);

}  // namespace signalbox::protocol
