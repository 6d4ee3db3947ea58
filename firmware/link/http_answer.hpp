#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/fixed_text.hpp"
#include "base/instant.hpp"

namespace signalbox::link {

/// The longest head of an answer but for its cookie, and its body.
inline constexpr std::size_t kAnswerBytesMax = 1575;

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

/// `{code, reason, temporary, detail}` as an `error` of the protocol has them, and `retryAfterMs` with a
/// Retry-After header where the error has a hint.
HttpAnswer refusal(std::uint16_t status, const Error& error);
/// The same with the status that belongs to the error's reason.
HttpAnswer refusal(const Error& error);

/// The header `Date` (RFC 9110 section 6.6.1) with its end; empty where the time is not known.
FixedText<39> date_line(std::optional<WallTime> now);

/// Writes the answer but for its long body as it goes on the wire; returns its size. `date` is a `date_line`.
/// `into` takes at least `kAnswerBytesMax` and the cookie.
std::size_t render(const HttpAnswer& answer, std::string_view date, std::span<char> into);

/// The head of an answer whose length is not known when it begins.
struct AnswerHead {
  std::uint16_t status = 200;
  std::string_view content_type;
  std::uint32_t retry_after_ms = 0;  ///< 0: no hint
  bool chunked = true;               ///< its body comes in chunks, or ends with the connection
};
/// The longest of these.
inline constexpr std::size_t kHeadBytesMax = 384;
/// Writes it as it goes on the wire; returns its size. `date` is a `date_line`; `into` takes `kHeadBytesMax`.
std::size_t render(const AnswerHead& head, std::string_view date, std::span<char> into);

/// A chunk (RFC 9112 section 7.1) of `bytes` bytes that lie behind the first `kChunkHeadBytes` of `room`,
/// which has `kChunkEndBytes` more: the part of it that goes on the wire. Below 64 KiB.
inline constexpr std::size_t kChunkHeadBytes = 6;
inline constexpr std::size_t kChunkEndBytes = 2;
std::span<char> chunk(std::span<char> room, std::size_t bytes);
/// What ends a body in chunks.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace signalbox::link
