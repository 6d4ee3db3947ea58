#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "link/http_request.hpp"

namespace signalbox::link {

/// A request of HTTP that is answered by a session: through the same door, gate and limits as a WebSocket,
/// in a dialect of its own.
struct SessionRoute {
  HttpRequest::Method method;
  std::string_view operation;  ///< method and path, as `session/clearance` has it
  std::string_view dialect;
  std::string_view content_type = "application/json";
  std::string_view heartbeat{};  ///< what is sent where a WebSocket would get a ping; empty: nothing

  std::string_view path() const { return operation.substr(operation.find(' ') + 1); }
  bool has_body() const { return method == HttpRequest::Method::post; }
};

inline constexpr std::array kSessionRoutes{
    SessionRoute{HttpRequest::Method::get, "GET /v1/snapshot", "http"},
    SessionRoute{HttpRequest::Method::get, "GET /v1/history", "http"},
    SessionRoute{HttpRequest::Method::get, "GET /v1/events", "http.events", "text/event-stream", ":\n\n"},
    SessionRoute{HttpRequest::Method::get, "GET /v1/log", "http.events", "text/event-stream", ":\n\n"},
    SessionRoute{HttpRequest::Method::get, "GET /metrics", "http.metrics",
                 "text/plain; version=0.0.4; charset=utf-8"},
    SessionRoute{HttpRequest::Method::post, "POST /v1/command", "http"},
};

static_assert(kSessionRoutes.size() < 16, "a connection keeps four bits for its route");

/// Where a WebSocket is for tools that send nothing, and the dialects it speaks, by the query's `format`.
inline constexpr std::string_view kStreamPath = "/v1/stream";
inline constexpr std::string_view kStreamOperation = "GET /v1/stream";
/// The dialect of that format, the first one where none is named; empty where there is no such format.
std::string_view stream_dialect(std::string_view format);

/// The place of the request's route among `kSessionRoutes`, counted from 1; 0: it has none. HEAD asks for
/// what GET does.
std::uint8_t session_route_of(const HttpRequest& request);
/// Which method that path takes, for a header Allow; empty where it is of no session.
std::string_view session_methods_of(std::string_view path);

/// The longest request as a text: what fits a head.
inline constexpr std::size_t kRequestBytesMax = 4096;

/// The request as a text, as `protocol/dialects/http_query` takes it, in `into`, without a body. Parameters
/// that are for the link alone (`ticket`, `format`) are left out. Errors: `malformed`, `tooBig`.
Result<std::string_view> request_text(const HttpRequest& request, std::string_view operation,
                                      std::span<char> into);

}  // namespace signalbox::link
