#include "link/page.hpp"

#include <algorithm>

#include "link/header_list.hpp"
#include "link/http_request.hpp"

namespace signalbox::link {
namespace {

/// Nothing but our own files runs or is loaded, nothing inline, and nobody frames the page: somebody else's
/// page around it could lead fingers to a switch. The WebSocket is 'self' too (CSP 3 section 6.7.2.8).
constexpr std::string_view kPageHeaders =
    "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/// Whether parameters such as `;q=0.0` say: not that.
bool is_refused(std::string_view parameters) {
  const std::size_t weight = parameters.find("q=");
  if (weight == std::string_view::npos) return false;
  const std::string_view value = trimmed(parameters.substr(weight + 2));
  return std::all_of(value.begin(), value.end(), [](char c) { return c == '0' || c == '.'; });
}

}  // namespace

const Asset* find_asset(std::span<const Asset> page, std::string_view path) {
  const auto* found = std::find_if(page.data(), page.data() + page.size(),
                                   [&](const Asset& asset) { return asset.path == path; });
  return found == page.data() + page.size() ? nullptr : found;
}

bool takes_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const std::string_view element = next_element(accept_encoding);
    const std::size_t end = std::min(element.find(';'), element.size());
    const bool taken = !is_refused(element.substr(end));
    const std::string_view name = trimmed(element.substr(0, end));
    if (equals_ignoring_case(name, "gzip")) return taken;
    if (name == "*") any = taken;
  }
  return any;
}

bool has_etag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view element = next_element(if_none_match);
    if (element == "*") return true;
    if (element.starts_with("W/")) element.remove_prefix(2);  // compared weakly
    if (element == etag) return true;
  }
  return false;
}

HttpAnswer asset_answer(const Asset& asset, const HttpRequest& request) {
  if (!takes_gzip(request.accept_encoding)) {
    HttpAnswer answer = refusal(406, {.reason = Reason::malformed,
                                      .detail = "this is sent compressed only: ask with Accept-Encoding: "
                                                "gzip, as curl --compressed does"});
    answer.header = "Vary: Accept-Encoding";
    return answer;
  }
  HttpAnswer answer{
      .content_type = asset.content_type,
      .caching = asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      .header = format_text<127>("ETag: %.*s", length(asset.etag), asset.etag.data()),
      .more_headers = kPageHeaders,
  };
  if (has_etag(request.if_none_match, asset.etag)) {
    answer.status = 304;
    return answer;
  }
  answer.long_body = asset.bytes;
  answer.stays = true;
  return answer;
}

}  // namespace signalbox::link
