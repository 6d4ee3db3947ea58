#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "protocol/json_scan.hpp"
#include "protocol/message.hpp"

namespace signalbox::protocol {

inline constexpr std::size_t kMembersMax = 64;  ///< per object; bounds the search for duplicates

using Tree = std::unique_ptr<cJSON, TreeDeleter>;

/// Parses what `scan_json` accepts and whose objects have at most kMembersMax members, none of them twice.
/// Errors: `malformed` (with the place or the member), `tooBig` (too many members), `overloaded` (the
/// parser's memory is used up). `salvage` is filled in either case.
Result<Tree> parse_json(std::string_view text, std::span<Salvage> salvage);
/// The same for a text that `scan_json` has accepted.
Result<Tree> parse_scanned(std::string_view text);

}  // namespace signalbox::protocol
