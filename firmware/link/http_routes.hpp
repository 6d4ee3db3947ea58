#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "link/http_answer.hpp"
#include "link/http_request.hpp"

namespace signalbox::link {

/// Where the WebSocket is.
inline constexpr std::string_view kSocketPath = "/v1/ws";

/// Where `POST` stops the device, beside the message of that name.
inline constexpr std::string_view kStopPath = "/v1/stop";

/// Where the device is described to machines that do not know us (W3C WoT Discovery section 6.4).
inline constexpr std::string_view kThingPath = "/.well-known/wot";

/// Where the certificate of the device's own authority is, for phones and browsers to install.
inline constexpr std::string_view kAuthorityPath = "/ca.crt";

/// What the server tells of itself, handed in.
struct Profile {
  std::string_view name = "Signalbox";           ///< for people
  std::span<const std::string_view> dialects{};  ///< sub-protocols spoken; the first is the default
  std::string_view authority{};                  ///< PEM; empty where somebody else vouches for the device
};

/// Whether it asks for what `kThingPath` has to tell; an upgrade asked for beside that is ignored, as RFC
/// 9110 section 7.8 allows.
bool asks_for_thing(const HttpRequest& request);

/// The answer to a request that asks for no WebSocket.
HttpAnswer answer_plain(const HttpRequest& request, const Profile& profile);

/// What is wrong with a WebSocket handshake (RFC 6455 section 4.2); nothing where it may be admitted.
std::optional<HttpAnswer> fault_of(const HttpRequest& request, const Profile& profile);

/// Whether it can stand in a URL as host and port (RFC 3986 section 3.2; no user, nothing escaped).
bool is_authority(std::string_view host);

/// The first of the offered sub-protocols that is spoken, the default where none is offered; empty where all
/// are unknown.
std::string_view chosen_dialect(std::string_view offered, std::span<const std::string_view> spoken);

/// The token of `Authorization: Bearer`; empty where there is no such header, `unauthenticated` where a
/// credential of another kind was shown.
Result<std::string_view> bearer_of(std::string_view authorization);

}  // namespace signalbox::link
