// HTTP requests as far as libwebsockets hands them on: routes, the WebSocket handshake, header lists,
// credentials, cookies.
#include <array>
#include <cstdint>

#include "base/check.hpp"
#include "base/json_document.hpp"
#include "fuzz/input.hpp"
#include "link/cookie.hpp"
#include "link/header_list.hpp"
#include "link/http_routes.hpp"
#include "link/http_session.hpp"
#include "protocol/dialects/http_query.hpp"

namespace {

using namespace signalbox;

constexpr std::array<std::string_view, 2> kDialects{"signalbox.v1", "jsonrpc"};

/// The answer is well-formed HTTP, its body what its type says.
void check(const link::HttpAnswer& answer) {
  SIGNALBOX_CHECK(answer.status >= 200 && answer.status < 600);
  std::array<char, 1536> memory{};
  const std::size_t size = link::render(answer, {}, memory);
  const std::string_view text{memory.data(), size};
  const std::size_t end = text.find("\r\n\r\n");
  SIGNALBOX_CHECK(text.starts_with("HTTP/1.1 ") && end != std::string_view::npos);
  for (std::size_t i = 0; i < end; ++i) {
    const bool is_end = text[i] == '\r' ? text[i + 1] == '\n' : text[i] == '\n' && text[i - 1] == '\r';
    SIGNALBOX_CHECK(is_end || (text[i] >= ' ' && text[i] <= '~'));
  }
  const std::string_view body = text.substr(end + 4);
  SIGNALBOX_CHECK(answer.head_only == body.empty());
  if (answer.head_only || answer.content_type != "application/json") return;
  SIGNALBOX_CHECK(JsonDocument{body}.top() != nullptr);
}

/// What a session would be asked, and how it would refuse: by an answer that is JSON.
void check_session(const link::HttpRequest& request) {
  const std::uint8_t place = link::session_route_of(request);
  const std::string_view operation =
      place > 0 ? link::kSessionRoutes[place - 1U].operation : link::kStreamOperation;
  std::array<char, link::kRequestBytesMax> memory{};
  const Result<std::string_view> text = link::request_text(request, operation, memory);
  if (!text) return check(link::refusal(text.error()));
  SIGNALBOX_CHECK(text->starts_with(operation) && text->find("\nticket=") == std::string_view::npos);
  const protocol::Decoded decoded = protocol::read_http(*text);
  if (!decoded.request) return check(link::refusal(decoded.request.error()));
  const auto* subscribe = std::get_if<protocol::Subscribe>(&*decoded.request);
  SIGNALBOX_CHECK(subscribe == nullptr || (subscribe->paths.count > 0 && !subscribe->id.empty()));
  SIGNALBOX_CHECK(subscribe == nullptr || subscribe->once == (operation == "GET /v1/snapshot"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::Input input{bytes, size};
  const link::Profile profile{.dialects = kDialects};
  link::HttpRequest request;
  request.method = static_cast<link::HttpRequest::Method>(input.below(4));
  const std::uint8_t flags = input.byte();
  request.http_1_1 = (flags & 1U) == 0;
  request.has_host = (flags & 2U) == 0;
  request.upgrade_to_websocket = (flags & 4U) == 0;
  request.protocols_too_long = (flags & 8U) != 0;
  request.path = input.until('\n');
  request.host = input.until('\n');
  request.version = input.until('\n');
  request.key = input.until('\n');
  request.protocols = input.until('\n');
  request.authorization = input.until('\n');
  request.origin = input.until('\n');
  request.has_origin = (flags & 16U) != 0;
  request.cookie = input.until('\n');
  request.fetch_site = input.until('\n');
  request.content_type = input.until('\n');
  request.content_length = input.until('\n');
  request.last_event_id = input.until('\n');
  request.format = input.until('\n');
  request.has_control = (flags & 32U) != 0;
  request.query = input.rest();

  link::Site site;
  SIGNALBOX_CHECK(site.add_host("localhost"));
  const auto stray = link::stray_of(request, {.site = site, .local = "127.0.0.1", .secure = true});
  if (stray) check(*stray);
  check(link::answer_plain(request, profile));
  const auto fault = link::fault_of(request, profile);
  if (fault) check(*fault);
  if (!fault && !stray) {
    SIGNALBOX_CHECK(request.http_1_1 && request.has_host && request.version == "13");
    SIGNALBOX_CHECK(!link::chosen_dialect(request.protocols, kDialects).empty());
  }
  check_session(request);
  const Result<std::string_view> bearer = link::bearer_of(request.authorization);
  if (bearer) SIGNALBOX_CHECK(bearer->size() <= request.authorization.size());
  const Result<std::string_view> token = link::token_of(request, true);
  SIGNALBOX_CHECK(token.has_value() == bearer.has_value());
  if (token && !token->empty() && bearer->empty()) {  // by the cookie
    SIGNALBOX_CHECK(token->find(';') == std::string_view::npos && request.ticket.empty());
    SIGNALBOX_CHECK(request.cookie.find(link::cookie_name(true)) != std::string_view::npos);
    const bool may_change =
        request.method != link::HttpRequest::Method::get && request.method != link::HttpRequest::Method::head;
    SIGNALBOX_CHECK(request.has_origin ? !stray || stray->status != 403 : !may_change);
    if (token->size() <= trust::kTokenBytesMax && token->find('\0') == std::string_view::npos)
      SIGNALBOX_CHECK(link::cookie_of(link::set_cookie(*token, 1, true), link::cookie_name(true)) == *token);
  }
  if (link::is_authority(request.host))
    SIGNALBOX_CHECK(request.host.find_first_of("/@%?# \r\n") == std::string_view::npos);
  std::string_view list = request.protocols;
  for (const std::string_view before = list; !list.empty();) {
    const std::string_view element = link::next_element(list);
    SIGNALBOX_CHECK(element.find(',') == std::string_view::npos && element.size() <= before.size());
    SIGNALBOX_CHECK(link::list_has(before, element));
  }
  return 0;
}
