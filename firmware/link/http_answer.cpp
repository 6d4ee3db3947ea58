#include "link/http_answer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/check.hpp"

namespace signalbox::link {
namespace {

const char* phrase(std::uint16_t status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
  }
}

/// Text that may hold a stranger's bytes, made safe inside a JSON string.
template <std::size_t kCapacity>
FixedText<kCapacity> harmless(const FixedText<kCapacity>& text) {
  std::array<char, kCapacity> bytes{};
  const std::string_view view = text.view();
  std::transform(view.begin(), view.end(), bytes.begin(),
                 [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\' ? c : '?'; });
  return FixedText<kCapacity>{std::string_view{bytes.data(), view.size()}};
}

FixedText<31> retry_after(std::uint32_t ms) {
  return format_text<31>("Retry-After: %u", (ms + 999U) / 1000U);
}

}  // namespace

HttpAnswer refusal(std::uint16_t status, const Error& error) {
  HttpAnswer answer{.status = status};
  const auto detail = harmless(error.detail);
  const auto retry = error.retry_after_ms == 0
                         ? FixedText<63>{}
                         : format_text<63>(",\"retryAfterMs\":%u", error.retry_after_ms);
  const auto field = error.field.empty()
                         ? FixedText<63>{}
                         : format_text<63>("\"field\":\"%s\",", harmless(error.field).c_str());
  answer.body = format_text<1023>(
      "{\"code\":%u,\"reason\":\"%s\",\"temporary\":%s,%s\"detail\":\"%.*s\"%.*s}\n", status,
      wire_name(error.reason).data(), is_temporary(error.reason) ? "true" : "false", field.c_str(),
      length(detail), detail.view().data(), length(retry), retry.view().data());
  if (error.retry_after_ms != 0) answer.header = retry_after(error.retry_after_ms);
  if (status == 401) answer.header = "WWW-Authenticate: Bearer";
  return answer;
}

HttpAnswer refusal(const Error& error) { return refusal(code_of(error.reason), error); }

FixedText<39> date_line(std::optional<WallTime> now) {
  if (!now) return {};
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds moment{std::chrono::seconds{now->unix_ms / 1000}};
  const std::chrono::sys_days midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day day{midnight};
  const std::chrono::hh_mm_ss time{moment - midnight};
  return format_text<39>("Date: %s, %02u %s %04d %02d:%02d:%02d GMT\r\n",
                         kDays[std::chrono::weekday{midnight}.c_encoding()], static_cast<unsigned>(day.day()),
                         kMonths[static_cast<unsigned>(day.month()) - 1U], static_cast<int>(day.year()),
                         static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                         static_cast<int>(time.seconds().count()));
}

std::size_t render(const HttpAnswer& answer, std::string_view date, std::span<char> into) {
  const std::string_view header = answer.header;
  const std::string_view body = answer.body;
  // RFC 9110 section 8.6: an answer that can have no body has no length either; section 15.4.5: nor need it
  // say what the body would be.
  const auto content =
      answer.status == 204 || answer.status == 304
          ? FixedText<159>{}
          : format_text<159>("Content-Type: %.*s\r\nContent-Length: %zu\r\n", length(answer.content_type),
                             answer.content_type.data(), body.size() + answer.long_body.size());
  const int head = std::snprintf(
      into.data(), into.size(),
      "HTTP/1.1 %u %s\r\n%.*s%sCache-Control: %.*s\r\nX-Content-Type-Options: nosniff\r\n"
      "Connection: close%s\r\n%.*s%s%.*s%s%.*s%s\r\n",
      answer.status, phrase(answer.status), length(date), date.data(), content.c_str(),
      length(answer.caching), answer.caching.data(),
      answer.status == 426 ? ", Upgrade" : "",  // RFC 9110 section 7.8: it stands beside the header Upgrade
      length(header), header.data(), header.empty() ? "" : "\r\n", length(answer.more_headers),
      answer.more_headers.data(), answer.cookie.empty() ? "" : "Set-Cookie: ", length(answer.cookie),
      answer.cookie.data(), answer.cookie.empty() ? "" : "\r\n");
  SIGNALBOX_CHECK(head > 0 && static_cast<std::size_t>(head) + body.size() <= into.size());
  const auto size = static_cast<std::size_t>(head);
  return answer.head_only ? size : size + body.copy(into.data() + size, into.size() - size);
}

std::size_t render(const AnswerHead& head, std::string_view date, std::span<char> into) {
  const FixedText<31> retry = head.retry_after_ms == 0 ? FixedText<31>{} : retry_after(head.retry_after_ms);
  const int size = std::snprintf(
      into.data(), into.size(),
      "HTTP/1.1 %u %s\r\n%.*sContent-Type: %.*s\r\n%s%s%s%sCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
      head.status, phrase(head.status), length(date), date.data(), length(head.content_type),
      head.content_type.data(), head.chunked ? "Transfer-Encoding: chunked\r\n" : "", retry.c_str(),
      retry.empty() ? "" : "\r\n", head.status == 401 ? "WWW-Authenticate: Bearer\r\n" : "");
  SIGNALBOX_CHECK(size > 0 && static_cast<std::size_t>(size) < into.size());
  return static_cast<std::size_t>(size);
}

std::span<char> chunk(std::span<char> room, std::size_t bytes) {
  constexpr std::string_view kEnd = "\r\n";
  SIGNALBOX_CHECK(bytes > 0 && kChunkHeadBytes + bytes + kEnd.size() <= room.size());
  std::array<char, kChunkHeadBytes + 1> head{};
  const int size = std::snprintf(head.data(), head.size(), "%zx\r\n", bytes);
  const auto begin = kChunkHeadBytes - static_cast<std::size_t>(size);
  std::copy_n(head.data(), size, room.data() + begin);
  kEnd.copy(room.data() + kChunkHeadBytes + bytes, kEnd.size());
  return room.subspan(begin, static_cast<std::size_t>(size) + bytes + kEnd.size());
}

}  // namespace signalbox::link
