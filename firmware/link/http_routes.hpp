#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "link/http_answer.hpp"
#include "link/http_request.hpp"
#include "link/page.hpp"
#include "link/site.hpp"
#include "session/door.hpp"

namespace signalbox::link {

/// Where the WebSocket is.
inline constexpr std::string_view kSocketPath = "/v1/ws";

/// Where `POST` stops the device, beside the message of that name.
inline constexpr std::string_view kStopPath = "/v1/stop";

/// Where `POST` turns the claim code into an administrator's token.
inline constexpr std::string_view kClaimPath = "/v1/claim";

/// Where `POST` gives a page the cookie that stands for the token it shows, and takes it away again.
inline constexpr std::string_view kLoginPath = "/v1/login";
inline constexpr std::string_view kLogoutPath = "/v1/logout";

/// Where anybody is told how the device is, and whether it serves.
inline constexpr std::string_view kHealthPath = "/healthz";
inline constexpr std::string_view kReadyPath = "/readyz";

/// Where the device is described to machines that do not know us (W3C WoT Discovery section 6.4).
inline constexpr std::string_view kThingPath = "/.well-known/wot";

/// Where the certificate of the device's own authority is, for phones and browsers to install.
inline constexpr std::string_view kAuthorityPath = "/ca.crt";

/// What the server tells of itself, handed in.
struct Profile {
  std::string_view name = "Signalbox";           ///< for people
  std::span<const std::string_view> dialects{};  ///< sub-protocols spoken; the first is the default
  std::string_view authority{};                  ///< PEM; empty where somebody else vouches for the device
  std::span<const Asset> page{};                 ///< for browsers; empty: text alone
};

/// Whether it asks for what `kThingPath` has to tell; an upgrade asked for beside that is ignored, as RFC
/// 9110 section 7.8 allows.
bool asks_for_thing(const HttpRequest& request);

/// The same of `kHealthPath` and `kReadyPath`.
bool asks_for_health(const HttpRequest& request);
/// What they tell, on what the device depends to whom it knows only: 503 where it is not ready and that was
/// asked.
HttpAnswer health_answer(const session::Health& health, bool is_known, const HttpRequest& request);

/// How a request reached us.
struct Reached {
  const Site& site;
  std::string_view local;  ///< the connection's own address, as text
  bool secure = true;      ///< by TLS
};

/// What is wrong with where a request leads or comes from, whatever it asks for; nothing where it is our own
/// name and, if a page sent it, our own page: 400, 403, or 421 (RFC 9110 section 15.5.20).
std::optional<HttpAnswer> stray_of(const HttpRequest& request, const Reached& reached);

/// The answer to a request that asks for no WebSocket.
HttpAnswer answer_plain(const HttpRequest& request, const Profile& profile);

/// What is wrong with a WebSocket handshake (RFC 6455 section 4.2); nothing where it may be admitted.
std::optional<HttpAnswer> fault_of(const HttpRequest& request, const Profile& profile);

/// Whether it can stand in a URL as host and port (RFC 3986 section 3.2; no user, nothing escaped).
bool is_authority(std::string_view host);
/// Whether a request begins with a line of HTTP/1 as it should be but for its method, which is another one
/// than those that libwebsockets knows.
bool has_other_method(std::string_view beginning);

/// The first of the offered sub-protocols that is spoken, the default where none is offered; empty where all
/// are unknown.
std::string_view chosen_dialect(std::string_view offered, std::span<const std::string_view> spoken);

/// The token of `Authorization: Bearer`; empty where there is no such header, `unauthenticated` where a
/// credential of another kind was shown.
Result<std::string_view> bearer_of(std::string_view authorization);

/// The token that a request shows: that of `Authorization`, or else that of the cookie, where it counts and
/// no ticket is shown. Errors as for `bearer_of`.
///
/// Browsers send the cookie along whoever's page has them ask, so it counts only where they say that it was
/// our own: by Origin, or, where none is sent since nothing is changed, by Sec-Fetch-Site. A page of
/// `--allow-origin` is somebody else's, and an upgrade without an Origin is no browser's.
Result<std::string_view> token_of(const HttpRequest& request, bool secure);

}  // namespace signalbox::link
