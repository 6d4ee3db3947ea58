#include "link/http_request.hpp"

#include <libwebsockets.h>

#include "link/header_list.hpp"

namespace signalbox::link {
namespace {

/// A header that came once; empty where it is missing, or came several times.
std::string_view single(lws* wsi, lws_token_indexes token) {
  const int size = lws_hdr_total_length(wsi, token);
  if (size <= 0 || lws_hdr_fragment_length(wsi, token, 0) != size) return {};
  const char* text = lws_hdr_simple_ptr(wsi, token);
  return text != nullptr ? std::string_view{text, static_cast<std::size_t>(size)} : std::string_view{};
}

}  // namespace

HttpRequest::HttpRequest(lws* wsi) {
  char* uri = nullptr;
  int uri_size = 0;
  const int its_method = lws_http_get_uri_and_method(wsi, &uri, &uri_size);
  if (its_method == LWSHUMETH_GET) method = Method::get;
  if (its_method == LWSHUMETH_HEAD) method = Method::head;
  if (its_method >= 0 && uri != nullptr) path = {uri, static_cast<std::size_t>(uri_size)};
  http_1_1 = single(wsi, WSI_TOKEN_HTTP) == "HTTP/1.1";
  has_host = lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0;
  const int connection_size =
      lws_hdr_copy(wsi, connection_.data(), static_cast<int>(connection_.size()), WSI_TOKEN_CONNECTION);
  const std::string_view connection{connection_.data(),
                                    connection_size > 0 ? static_cast<std::size_t>(connection_size) : 0};
  upgrade_to_websocket =
      equals_ignoring_case(single(wsi, WSI_TOKEN_UPGRADE), "websocket") && list_has(connection, "upgrade");
  version = single(wsi, WSI_TOKEN_VERSION);
  key = single(wsi, WSI_TOKEN_KEY);
  authorization = single(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
  const int protocols_size =
      lws_hdr_copy(wsi, protocols_.data(), static_cast<int>(protocols_.size() - 1), WSI_TOKEN_PROTOCOL);
  protocols_too_long = protocols_size < 0;
  if (protocols_size > 0) protocols = {protocols_.data(), static_cast<std::size_t>(protocols_size)};
}

}  // namespace signalbox::link
