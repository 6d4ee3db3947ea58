#pragma once

#include <array>
#include <cstdint>
#include <string_view>

struct lws;

namespace signalbox::link {

/// An HTTP request as far as it interests us. The views lie in libwebsockets' table of headers or in this
/// object, and end with the request.
class HttpRequest {
 public:
  enum class Method : std::uint8_t { get, head, post, other };

  /// Reads what libwebsockets has parsed for this connection.
  explicit HttpRequest(lws* wsi);
  HttpRequest() = default;
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  Method method = Method::other;
  std::string_view path;
  std::string_view http_version = "HTTP/1.1";  ///< as it was sent; "?" where it does not fit
  bool http_1_1 = false;  ///< that or a later one of HTTP/1, which is spoken the same way
  bool has_host = false;
  std::string_view host;  ///< "?" where there are several or it does not fit; the target's, where it has one
  bool has_origin = false;
  std::string_view origin;            ///< the same
  bool upgrade_to_websocket = false;  ///< `Upgrade: websocket` and `Connection: upgrade`
  std::string_view version;           ///< Sec-WebSocket-Version
  std::string_view key;               ///< Sec-WebSocket-Key
  std::string_view protocols;         ///< Sec-WebSocket-Protocol, all of them
  bool protocols_too_long = false;
  std::string_view authorization;    ///< the whole value
  std::string_view cookie;           ///< all of them; empty where they do not fit
  std::string_view fetch_site;       ///< Sec-Fetch-Site: what a browser says of the page that asks
  std::string_view ticket;           ///< of the URL's query; "?" where there are several or it is empty
  std::string_view accept_encoding;  ///< all of them; empty where they do not fit
  std::string_view if_none_match;    ///< the same
  std::string_view content_length;   ///< "?" where there are several or it does not fit
  bool has_transfer_coding = false;  ///< Transfer-Encoding: it has no length that could be told before
  bool expects_continue = false;     ///< it waits with its body until it is told to go on
  std::string_view content_type;     ///< as `content_length`
  std::string_view last_event_id;    ///< of a reader of events that comes back
  std::string_view query;            ///< its parameters, each a line `name=value`, nothing escaped any more
  bool has_control = false;          ///< the query has control characters, and was left out for that
  std::string_view format;           ///< of the query, as `ticket`

 private:
  void take_absolute_target();

  std::array<char, 16> http_version_{};
  std::array<char, 80> host_{};
  std::array<char, 96> origin_{};
  std::array<char, 16> version_{};
  std::array<char, 32> key_{};
  std::array<char, 127> protocols_{};  // libwebsockets reads no longer list
  std::array<char, 1100> authorization_{};
  std::array<char, 4096> cookie_;  // as much as a whole head may have; written before it is read
  std::array<char, 16> fetch_site_{};
  std::array<char, 96> accept_encoding_{};
  std::array<char, 128> if_none_match_{};
  std::array<char, 16> content_length_{};
  std::array<char, 64> content_type_{};
  std::array<char, 48> last_event_id_{};
  std::array<char, 4096> query_;  // as much as a whole head; written before it is read
};

}  // namespace signalbox::link
