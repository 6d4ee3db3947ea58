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
  return {into.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// A header that may come once only; "?" where it came more often or does not fit.
std::string_view single(lws* wsi, lws_token_indexes token, std::span<char> into) {
  bool too_long = false;
  const std::string_view text = joined(wsi, token, into, too_long);
  return too_long || lws_hdr_fragment_length(wsi, token, 1) > 0 ? "?" : text;
}

/// A header that libwebsockets has no number for, by its name in small letters and with its colon; empty
/// where it is missing or does not fit.
std::string_view unnumbered(lws* wsi, std::string_view name, std::span<char> into) {
  const int size = lws_hdr_custom_copy(wsi, into.data(), static_cast<int>(into.size()), name.data(),
                                       static_cast<int>(name.size()));
  return {into.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// The query's value of that name; "?" where it came more often or does not fit.
std::string_view argument(lws* wsi, std::string_view name, std::span<char> into) {
  constexpr lws_token_indexes kArguments = WSI_TOKEN_HTTP_URI_ARGS;
  std::string_view found;
  std::array<char, 96> text{};
  for (int i = 0; lws_hdr_fragment_length(wsi, kArguments, i) > 0; ++i) {
    const int size = lws_hdr_copy_fragment(wsi, text.data(), static_cast<int>(text.size()), kArguments, i);
    if (size < 0) return "?";
    const std::string_view pair{text.data(), static_cast<std::size_t>(size)};
    if (!pair.starts_with(name) || pair.size() == name.size() || pair[name.size()] != '=') continue;
    const std::string_view value = pair.substr(name.size() + 1);
    if (!found.empty() || value.empty() || value.size() > into.size()) return "?";
    found = {into.data(), value.copy(into.data(), into.size())};
  }
  return found;
}

/// All parameters of the query, each a line. `has_control` where that cannot be.
std::string_view lines_of_query(lws* wsi, std::span<char> into, bool& has_control) {
  constexpr lws_token_indexes kArguments = WSI_TOKEN_HTTP_URI_ARGS;
  std::size_t size = 0;
  for (int i = 0; lws_hdr_fragment_length(wsi, kArguments, i) > 0; ++i) {
    const auto room = static_cast<int>(into.size() - size - 1);
    const int part = lws_hdr_copy_fragment(wsi, into.data() + size, room, kArguments, i);
    if (part < 0) return {};  // cannot be: a head has no more bytes
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; };
    has_control = has_control || std::any_of(into.data() + size, into.data() + size + part, is_control);
    size += static_cast<std::size_t>(part);
    into[size++] = '\n';
  }
  return has_control ? std::string_view{} : std::string_view{into.data(), size};
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
  http_1_1 = single(wsi, WSI_TOKEN_HTTP, other) == "HTTP/1.1";
  has_host = lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0;
  host = single(wsi, WSI_TOKEN_HOST, host_);
  has_origin = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0;
  origin = single(wsi, WSI_TOKEN_ORIGIN, origin_);
  bool too_long = false;
  const bool connection = list_has(joined(wsi, WSI_TOKEN_CONNECTION, other, too_long), "upgrade");
  upgrade_to_websocket =
      connection && equals_ignoring_case(single(wsi, WSI_TOKEN_UPGRADE, other), "websocket");
  version = single(wsi, WSI_TOKEN_VERSION, version_);
  key = single(wsi, WSI_TOKEN_KEY, key_);
  protocols = joined(wsi, WSI_TOKEN_PROTOCOL, protocols_, protocols_too_long);
  authorization = single(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, authorization_);
  cookie = joined(wsi, WSI_TOKEN_HTTP_COOKIE, cookie_, too_long);
  fetch_site = unnumbered(wsi, "sec-fetch-site:", fetch_site_);
  ticket = argument(wsi, "ticket", ticket_);
  accept_encoding = joined(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, accept_encoding_, too_long);
  if_none_match = joined(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, if_none_match_, too_long);
  format = argument(wsi, "format", format_);
  query = lines_of_query(wsi, query_, has_control);
  content_type = single(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, content_type_);
  last_event_id = unnumbered(wsi, "last-event-id:", last_event_id_);
  content_length = single(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, content_length_);
}

}  // namespace signalbox::link
