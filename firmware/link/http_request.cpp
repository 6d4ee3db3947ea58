#include "link/http_request.hpp"

#include <algorithm>
#include <libwebsockets.h>
#include <span>

#include "link/header_list.hpp"

namespace signalbox::link {
namespace {

/// The header's value, several joined by commas, cookies by semicolons; empty where it is missing. `too_long`
/// where it does not fit.
std::string_view joined(lws* wsi, lws_token_indexes token, std::span<char> into, bool& too_long) {
  const int size = lws_hdr_copy(wsi, into.data(), static_cast<int>(into.size()), token);
  too_long = size < 0 && lws_hdr_total_length(wsi, token) > 0;
  return trimmed({into.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
}

/// A header that may come once only; "?" where it came more often or does not fit.
std::string_view single(lws* wsi, lws_token_indexes token, std::span<char> into) {
  bool too_long = false;
  const std::string_view text = joined(wsi, token, into, too_long);
  return too_long || lws_hdr_fragment_length(wsi, token, 1) > 0 ? "?" : text;
}

/// A header that libwebsockets has no number for, by its name in small letters and with its colon; empty
/// where it is missing, "?" where it does not fit.
std::string_view unnumbered(lws* wsi, std::string_view name, std::span<char> into) {
  const int size = lws_hdr_custom_copy(wsi, into.data(), static_cast<int>(into.size()), name.data(),
                                       static_cast<int>(name.size()));
  if (size < 0 && lws_hdr_custom_length(wsi, name.data(), static_cast<int>(name.size())) > 0) return "?";
  return trimmed({into.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
}

/// All parameters of the query, each a line. `has_control` where that cannot be.
std::string_view lines_of_query(lws* wsi, std::span<char> into, bool& has_control) {
  constexpr lws_token_indexes kArguments = WSI_TOKEN_HTTP_URI_ARGS;
  std::size_t size = 0;
  for (int i = 0; true; ++i) {
    const auto room = static_cast<int>(into.size() - size - 1);
    const int part = lws_hdr_copy_fragment(wsi, into.data() + size, room, kArguments, i);
    if (part < 0) break;  // no more: a head has no more bytes than fit
    if (part == 0) continue;
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; };
    has_control = has_control || std::any_of(into.data() + size, into.data() + size + part, is_control);
    size += static_cast<std::size_t>(part);
    into[size++] = '\n';
  }
  return has_control ? std::string_view{} : std::string_view{into.data(), size};
}

/// The value of that name in such lines; "?" where it came more often, or is empty.
std::string_view argument(std::string_view lines, std::string_view name) {
  std::string_view found;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (!line.starts_with(name) || line.size() == name.size() || line[name.size()] != '=') continue;
    const std::string_view value = line.substr(name.size() + 1);
    if (!found.empty() || value.empty()) return "?";
    found = value;
  }
  return found;
}

}  // namespace

HttpRequest::HttpRequest(lws* wsi) {
  char* uri = nullptr;
  int uri_size = 0;
  const int its_method = lws_http_get_uri_and_method(wsi, &uri, &uri_size);
  if (its_method == LWSHUMETH_GET) method = Method::get;
  if (its_method == LWSHUMETH_HEAD) method = Method::head;
  if (its_method == LWSHUMETH_POST) method = Method::post;
  if (its_method >= 0 && uri != nullptr) path = {uri, static_cast<std::size_t>(uri_size)};
  std::array<char, 128> other{};
  http_version = single(wsi, WSI_TOKEN_HTTP, http_version_);
  http_1_1 = http_version.starts_with("HTTP/1.") && http_version != "HTTP/1.0";
  has_host = lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0;
  host = single(wsi, WSI_TOKEN_HOST, host_);
  take_absolute_target();
  has_origin = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0;
  origin = single(wsi, WSI_TOKEN_ORIGIN, origin_);
  bool too_long = false;
  const std::string_view options = joined(wsi, WSI_TOKEN_CONNECTION, other, too_long);
  const bool connection = is_token_list(options) && list_has(options, "upgrade");
  upgrade_to_websocket =
      connection && equals_ignoring_case(single(wsi, WSI_TOKEN_UPGRADE, other), "websocket");
  version = single(wsi, WSI_TOKEN_VERSION, version_);
  key = single(wsi, WSI_TOKEN_KEY, key_);
  protocols = joined(wsi, WSI_TOKEN_PROTOCOL, protocols_, protocols_too_long);
  authorization = single(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, authorization_);
  cookie = joined(wsi, WSI_TOKEN_HTTP_COOKIE, cookie_, too_long);
  fetch_site = unnumbered(wsi, "sec-fetch-site:", fetch_site_);
  accept_encoding = joined(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, accept_encoding_, too_long);
  if_none_match = joined(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, if_none_match_, too_long);
  query = lines_of_query(wsi, query_, has_control);
  ticket = has_control ? "?" : argument(query, "ticket");
  format = argument(query, "format");
  content_type = single(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, content_type_);
  last_event_id = unnumbered(wsi, "last-event-id:", last_event_id_);
  content_length = single(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, content_length_);
  has_transfer_coding = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
  expects_continue =
      http_1_1 && equals_ignoring_case(single(wsi, WSI_TOKEN_HTTP_EXPECT, other), "100-continue");
}

/// RFC 9112 section 3.2.2: a target with scheme and host goes before the Host header, which has to be there
/// all the same. libwebsockets has made one slash of the two.
void HttpRequest::take_absolute_target() {
  for (const std::string_view scheme : {"https:/", "wss:/", "http:/", "ws:/"}) {
    if (!equals_ignoring_case(path.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = path.substr(scheme.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    path = slash < rest.size() ? rest.substr(slash) : "/";
    if (host == "?" || (http_1_1 && !has_host)) return;
    has_host = true;
    host = rest.substr(0, slash);
    return;
  }
}

}  // namespace signalbox::link
