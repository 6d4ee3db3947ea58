#include "link/http_routes.hpp"

#include <algorithm>
#include <array>

#include "link/cookie.hpp"
#include "link/header_list.hpp"
#include "link/http_session.hpp"

namespace signalbox::link {
namespace {

using Method = HttpRequest::Method;

bool only_reads(const HttpRequest& request) {
  return request.method == Method::get || request.method == Method::head;
}

template <std::size_t kCapacity>
void append(FixedText<kCapacity>& text, std::string_view more) {
  text = format_text<kCapacity>("%.*s%.*s", length(text), text.view().data(), length(more), more.data());
}

template <std::size_t kCapacity>
FixedText<kCapacity> listed(std::span<const std::string_view> words) {
  FixedText<kCapacity> text;
  for (const std::string_view word : words) {
    if (!text.empty()) append(text, ", ");
    append(text, word);
  }
  return text;
}

HttpAnswer fault(std::uint16_t status, Reason reason, FixedText<223> detail, FixedText<127> header = {}) {
  HttpAnswer answer = refusal(status, Error{.reason = reason, .detail = detail});
  answer.header = header;
  return answer;
}

HttpAnswer upgrade_required(std::string_view detail) {
  HttpAnswer answer = fault(426, Reason::malformed, detail);
  answer.header = "Upgrade: websocket\r\nSec-WebSocket-Version: 13";
  return answer;
}

HttpAnswer front_page(const Profile& profile) {
  const auto dialects = listed<255>(profile.dialects);
  HttpAnswer answer{.content_type = "text/plain; charset=utf-8"};
  answer.body = format_text<1023>(
      "%.*s\n\nThis is a WebSocket endpoint for devices. Connect to wss://<this host and port>%.*s\n"
      "Sub-protocols: %.*s (the first is taken where none is asked for)\n"
      "Credential: the header 'Authorization: Bearer <token>', or an 'authenticate' message.\n"
      "For pages, POST %.*s with that header gives a cookie; POST %.*s takes it away.\n"
      "First of all, POST %.*s {\"code\":\"<as printed at its start>\"} gives the administrator's token.\n"
      "Health: /healthz, /readyz. Stop everything: POST %.*s, with the same header.\n"
      "Without a WebSocket, with the same header: /v1/snapshot, /v1/history, /v1/events, /v1/log, POST "
      "/v1/command, /metrics\n"
      "For machines, with the same header: %.*s (W3C Thing Description)\n"
      "The authority to trust: %s\n%s",
      length(profile.name), profile.name.data(), length(kSocketPath), kSocketPath.data(), length(dialects),
      dialects.view().data(), length(kLoginPath), kLoginPath.data(), length(kLogoutPath), kLogoutPath.data(),
      length(kClaimPath), kClaimPath.data(), length(kStopPath), kStopPath.data(), length(kThingPath),
      kThingPath.data(), profile.authority.empty() ? "ask the owner" : "/ca.crt",
      profile.page.empty()
          ? ""
          : "In a browser there is a dashboard here; it is sent compressed only (Accept-Encoding: gzip).\n");
  answer.header = "Vary: Accept-Encoding";
  return answer;
}

HttpAnswer wrong_method(std::string_view detail, std::string_view allow) {
  return fault(405, Reason::malformed, detail, allow);
}

/// PEM, which every tool takes as it is; phones and browsers know it by its type.
HttpAnswer authority(const Profile& profile) {
  if (profile.authority.empty())
    return fault(404, Reason::not_found,
                 "this device's certificate is of an authority elsewhere; ask its owner");
  return {.content_type = "application/x-x509-ca-cert", .long_body = profile.authority};
}

HttpAnswer answer_at(const HttpRequest& request, const Profile& profile) {
  if (request.path == "*" && request.method == Method::other)  // OPTIONS: what may be asked for in general
    return wrong_method("GET, HEAD and POST only", "Allow: GET, HEAD, POST");
  if (!request.path.starts_with('/'))
    return fault(400, Reason::malformed, "what is asked for must be a path such as /v1/ws");
  if (request.path == kSocketPath) {
    if (request.method != Method::get)
      return wrong_method("GET with an upgrade to websocket only", "Allow: GET");
    return upgrade_required("this is a WebSocket: connect with a WebSocket client");
  }
  for (const std::string_view path : {kStopPath, kClaimPath, kLoginPath, kLogoutPath})
    if (request.path == path) return wrong_method("POST only", "Allow: POST");
  if (request.path == kStreamPath) {
    if (request.method != Method::get)
      return wrong_method("GET with an upgrade to websocket only", "Allow: GET");
    return upgrade_required("this is a WebSocket that only sends: connect with a WebSocket client");
  }
  if (const std::string_view methods = session_methods_of(request.path); !methods.empty()) {
    if (session_route_of(request) != 0)
      return fault(400, Reason::malformed, "this is no WebSocket; that is at /v1/ws");
    return wrong_method(methods == "POST" ? "POST only" : "GET and HEAD only",
                        format_text<127>("Allow: %.*s", length(methods), methods.data()));
  }
  for (const std::string_view path : {kThingPath, kHealthPath, kReadyPath})
    if (request.path == path) return wrong_method("GET and HEAD only", "Allow: GET, HEAD");
  const bool on_page = request.path == "/";
  const Asset* asset = find_asset(profile.page, request.path);
  if (asset == nullptr && !on_page && request.path != kAuthorityPath) {
    const int shown = static_cast<int>(std::min<std::size_t>(request.path.size(), 20));
    return fault(
        404, Reason::not_found,
        format_text<223>("nothing at %.*s; there are /v1/ws, stream, snapshot, history, events, log, "
                         "command, stop, claim, "
                         "login and logout, /metrics, %.*s, /ca.crt, /, /healthz and /readyz",
                         shown, request.path.data(), length(kThingPath), kThingPath.data()));
  }
  if (!only_reads(request)) return wrong_method("GET and HEAD only", "Allow: GET, HEAD");
  if (asset != nullptr && !(on_page && !takes_gzip(request.accept_encoding)))
    return asset_answer(*asset, request);
  if (request.path == kAuthorityPath) return authority(profile);
  return front_page(profile);
}

bool is_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// RFC 9112 section 2.3.
bool is_version(std::string_view text) {
  constexpr std::string_view kForm = "HTTP/1.1";
  return text.size() == kForm.size() && text.starts_with("HTTP/") && is_number(text.substr(5, 1)) &&
         text[6] == '.' && is_number(text.substr(7));
}

/// 16 bytes in base64: 22 letters, of which the last has only two bits, and two equals signs.
bool is_key(std::string_view key) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return key.size() == 24 && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, is_letter) &&
         std::string_view{"AQgw"}.find(key[21]) != std::string_view::npos;
}

}  // namespace

std::optional<HttpAnswer> stray_of(const HttpRequest& request, const Reached& reached) {
  const auto refused = [&](std::uint16_t status, Reason reason, const FixedText<95>& detail) {
    HttpAnswer answer = fault(status, reason, detail);
    answer.head_only = request.method == Method::head;
    return answer;
  };
  const auto shown = [](std::string_view text, std::size_t most) {
    return static_cast<int>(std::min(text.size(), most));
  };
  const std::string_view host = request.host;
  const std::string_view origin = request.origin;
  if (!is_version(request.http_version))
    return refused(400, Reason::malformed, "the request line must end in HTTP/1.1");
  if (!request.http_version.starts_with("HTTP/1."))
    return refused(505, Reason::malformed, "HTTP/1.1 is spoken here");
  // Where its body ends must be beyond doubt (RFC 9112 section 6.3).
  if (!is_number(request.content_length) || (request.has_transfer_coding && !request.content_length.empty()))
    return refused(400, Reason::malformed, "expected one Content-Length in digits, and no Transfer-Encoding");
  // HTTP/1.0, which no browser speaks, need not name a host.
  if (request.has_host || request.http_1_1) {
    if (!request.has_host) return refused(400, Reason::malformed, "the Host header is missing");
    if (!is_authority(host))
      return refused(400, Reason::malformed, "the Host header must say by which name this device is reached");
    if (!reached.site.is_ours(host, reached.local))
      return refused(421, Reason::forbidden,
                     format_text<95>("this device is not called '%.*s'; --allow-host adds names",
                                     shown(host, 42), host.data()));
  }
  if (request.has_origin && !reached.site.may_come_from(origin, host, reached.secure))
    return refused(403, Reason::forbidden,
                   format_text<95>("pages of '%.*s' may not come here; --allow-origin lets them",
                                   shown(origin, 40), origin.data()));
  return std::nullopt;
}

bool asks_for_thing(const HttpRequest& request) { return request.path == kThingPath && only_reads(request); }

bool asks_for_health(const HttpRequest& request) {
  return (request.path == kHealthPath || request.path == kReadyPath) && only_reads(request);
}

HttpAnswer health_answer(const session::Health& health, bool is_known, const HttpRequest& request) {
  HttpAnswer answer{.head_only = request.method == Method::head};
  if (request.path == kReadyPath) {
    answer.body = format_text<1023>("{\"status\":\"%.*s\"}\n", length(health.phase), health.phase.data());
    if (health.is_ready()) return answer;
    answer.status = 503;
    answer.header = "Retry-After: 1";
    return answer;
  }
  const char* status = health.is_ok() ? "ok" : "degraded";
  if (!is_known) {
    answer.body = format_text<1023>("{\"status\":\"%s\"}\n", status);
    return answer;
  }
  FixedText<255> states;
  for (const session::Health::Dependency& its : health.dependencies)
    append(states, format_text<63>("%s\"%.*s\":\"%.*s\"", states.empty() ? "" : ",", length(its.name),
                                   its.name.data(), length(its.state), its.state.data()));
  answer.body = format_text<1023>("{\"status\":\"%s\",\"dependencies\":{%s}}\n", status, states.c_str());
  return answer;
}

HttpAnswer answer_plain(const HttpRequest& request, const Profile& profile) {
  HttpAnswer answer = answer_at(request, profile);
  answer.head_only = request.method == Method::head;  // RFC 9110 section 9.3.2: refusals too
  return answer;
}

std::optional<HttpAnswer> fault_of(const HttpRequest& request, const Profile& profile) {
  const bool is_stream = request.path == kStreamPath;
  if ((request.path != kSocketPath && !is_stream) || request.method != Method::get) {
    Profile bare = profile;
    bare.page = {};  // who asks to upgrade is no page's reader, and libwebsockets waits for nothing here
    return answer_plain(request, bare);
  }
  if (!request.http_1_1) return fault(400, Reason::malformed, "a WebSocket handshake is HTTP/1.1");
  if (!request.upgrade_to_websocket)
    return fault(400, Reason::malformed, "the header 'Connection: Upgrade' is missing");
  if (request.version.empty())
    return fault(400, Reason::malformed, "Sec-WebSocket-Version is missing: 13 is spoken");
  if (request.version != "13") return upgrade_required("WebSocket version 13 is spoken here");
  if (!is_key(request.key))
    return fault(400, Reason::malformed, "Sec-WebSocket-Key must be 16 bytes in base64");
  if (is_stream && !request.protocols.empty())
    return fault(400, Reason::malformed, "no sub-protocol is spoken here: the query's format says what is");
  if (is_stream && stream_dialect(request.format).empty())
    return fault(400, Reason::malformed, "no such format; there are flat, long and influx");
  const auto spoken = listed<60>(profile.dialects);
  // libwebsockets would find other names in a list that is none than we do.
  if (request.protocols_too_long || !is_token_list(request.protocols) ||
      chosen_dialect(request.protocols, profile.dialects).empty())
    return fault(400, Reason::malformed,
                 format_text<95>("unknown sub-protocol; spoken: %.*s", length(spoken), spoken.view().data()));
  return std::nullopt;
}

bool is_authority(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view{".-_:[]"}.find(c) != std::string_view::npos;
  });
}

bool has_other_method(std::string_view beginning) {
  constexpr std::array<std::string_view, 7> kKnown{"GET",    "HEAD",    "POST", "PUT",
                                                   "DELETE", "OPTIONS", "PATCH"};
  const std::size_t end = beginning.find("\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view line = beginning.substr(0, end);
  const std::string_view method = line.substr(0, line.find(' '));
  return !method.empty() && method.size() < line.size() &&
         std::all_of(method.begin(), method.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; }) &&
         std::find(kKnown.begin(), kKnown.end(), method) == kKnown.end() &&
         (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0"));
}

std::string_view chosen_dialect(std::string_view offered, std::span<const std::string_view> spoken) {
  if (offered.empty()) return spoken.empty() ? std::string_view{} : spoken.front();
  while (!offered.empty()) {
    const auto* found = std::find(spoken.data(), spoken.data() + spoken.size(), next_element(offered));
    if (found != spoken.data() + spoken.size()) return *found;
  }
  return {};
}

Result<std::string_view> bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.empty()) return authorization;
  if (authorization.size() <= kScheme.size() ||
      !equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme))
    return Error{Reason::unauthenticated, "the Authorization header must be 'Bearer' and a token"};
  authorization.remove_prefix(kScheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  while (!authorization.empty() && authorization.back() == ' ') authorization.remove_suffix(1);
  return authorization;
}

Result<std::string_view> token_of(const HttpRequest& request, bool secure) {
  const Result<std::string_view> bearer = bearer_of(request.authorization);
  if (!bearer || !bearer->empty() || !request.ticket.empty()) return bearer;
  const bool changes_nothing = only_reads(request) && !request.upgrade_to_websocket;
  const bool is_from_us = request.has_origin ? Site::is_own_page(request.origin, request.host, secure)
                                             : changes_nothing && request.fetch_site == "same-origin";
  return is_from_us ? cookie_of(request.cookie, cookie_name(secure)) : std::string_view{};
}

}  // namespace signalbox::link
