#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/fixed_text.hpp"

namespace signalbox::link {

/// The longest head of an answer but for its cookie, and its body.
inline constexpr std::size_t kAnswerBytesMax = 1536;

/// A whole HTTP answer. The connection is closed after it: plain requests are rare here, and a connection
/// that is gone cannot hold a place.
struct HttpAnswer {
  std::uint16_t status = 200;
  std::string_view content_type = "application/json";
  std::string_view caching = "no-store";  ///< the value of Cache-Control
  FixedText<127> header{};                ///< one further header line, without its end; may be empty
  std::string_view more_headers{};        ///< further lines, with their ends, that lie elsewhere
  std::string_view cookie{};              ///< the value of Set-Cookie, which lies elsewhere; empty: none
  FixedText<1023> body{};
  std::string_view long_body{};  ///< comes behind `body` and lies elsewhere; not rendered with the rest
  bool stays = false;            ///< `long_body` stays there, and goes out as the socket takes it
  bool head_only = false;        ///< the request was HEAD
};

/// `{code, reason, detail}`, and `retryAfterMs` with a Retry-After header where the error has a hint.
HttpAnswer refusal(std::uint16_t status, const Error& error);
/// The same with the status that belongs to the error's reason.
HttpAnswer refusal(const Error& error);

/// Writes the answer but for its long body as it goes on the wire; returns its size. `into` takes at least
/// `kAnswerBytesMax` and the cookie.
std::size_t render(const HttpAnswer& answer, std::span<char> into);

}  // namespace signalbox::link
