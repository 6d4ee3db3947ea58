#include "link/http_session.hpp"

#include <algorithm>

#include "base/text_writer.hpp"

namespace signalbox::link {
namespace {

using Method = HttpRequest::Method;

constexpr std::array<std::string_view, 2> kOfLink{"ticket", "format"};
constexpr std::string_view kLastEventId = "lastEventId";

}  // namespace

std::string_view stream_dialect(std::string_view format) {
  if (format.empty() || format == "flat") return "stream.flat";
  if (format == "long") return "stream.long";
  return format == "influx" ? "stream.influx" : "";
}

std::uint8_t session_route_of(const HttpRequest& request) {
  const Method method = request.method == Method::head ? Method::get : request.method;
  for (std::size_t i = 0; i < kSessionRoutes.size(); ++i)
    if (kSessionRoutes[i].method == method && kSessionRoutes[i].path() == request.path)
      return static_cast<std::uint8_t>(i + 1);
  return 0;
}

std::string_view session_methods_of(std::string_view path) {
  for (const SessionRoute& route : kSessionRoutes)
    if (route.path() == path) return route.has_body() ? "POST" : "GET, HEAD";
  return {};
}

Result<std::string_view> request_text(const HttpRequest& request, std::string_view operation,
                                      std::span<char> into) {
  if (request.has_control)
    return Error{Reason::malformed, "found control characters; expected none, escaped neither", "query"};
  TextWriter text{into};
  text.put(operation).put("\n");
  for (std::string_view rest = request.query; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::string_view name = line.substr(0, line.find('='));
    const bool is_old =
        name == kLastEventId && !request.last_event_id.empty();  // the URL stays, a reader goes on
    if (line.empty() || is_old || std::find(kOfLink.begin(), kOfLink.end(), name) != kOfLink.end()) continue;
    text.put(line).put("\n");
  }
  if (!request.last_event_id.empty()) text.put(kLastEventId).put("=").put(request.last_event_id).put("\n");
  text.put("\n");
  if (!text.fits()) return Error{Reason::too_big, "the query is too long", "query"};
  return text.written();
}

}  // namespace signalbox::link
