#pragma once

#include <span>
#include <string_view>

#include "link/http_answer.hpp"

namespace signalbox::link {

class HttpRequest;

/// A file of the page for browsers, compressed when the program was built. All of it lies in the program.
struct Asset {
  std::string_view path;  ///< as in the URL; "/" is the page itself
  std::string_view content_type;
  std::string_view etag;   ///< with its quotes (RFC 9110 section 8.8.3)
  std::string_view bytes;  ///< gzip (RFC 1952)
  bool immutable = false;  ///< its hash is in its name: whoever has it need not ask again
};

/// The file at that path; nullptr where there is none.
const Asset* find_asset(std::span<const Asset> page, std::string_view path);

/// Whether an Accept-Encoding (RFC 9110 section 12.5.3) names gzip. Without the header anything would be
/// allowed, but programs that do not send it do not unpack either: they are taken at their word.
bool takes_gzip(std::string_view accept_encoding);

/// Whether an If-None-Match (RFC 9110 section 13.1.2) has that ETag.
bool has_etag(std::string_view if_none_match, std::string_view etag);

/// The file, 304 where the client has it, 406 where the client does not unpack it.
HttpAnswer asset_answer(const Asset& asset, const HttpRequest& request);

}  // namespace signalbox::link
