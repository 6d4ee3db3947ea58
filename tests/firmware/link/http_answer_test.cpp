#include "link/http_answer.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::link {
namespace {

std::string rendered(const HttpAnswer& answer) {
  std::array<char, 4096> text{};
  return {text.data(), render(answer, {}, text)};
}

constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";  // of RFC 9110 section 5.6.7

TEST(HttpAnswer, SaysWhenWhereThatIsKnown) {
  EXPECT_EQ(date_line(WallTime{784111777999}).view(), kDate);
  EXPECT_EQ(date_line(WallTime{1709164800000}).view(), "Date: Thu, 29 Feb 2024 00:00:00 GMT\r\n");
  EXPECT_EQ(date_line(std::nullopt).view(), "");
  std::array<char, 4096> text{};
  const std::string whole{text.data(), render({.body = "ok\n"}, kDate, text)};
  EXPECT_TRUE(whole.starts_with("HTTP/1.1 200 OK\r\n" + std::string{kDate} + "Content-Type: "));
  EXPECT_EQ(rendered({}).find("Date"), std::string::npos);
}

TEST(HttpAnswer, IsAWholeAnswerThatEndsTheConnection) {
  const std::string text = rendered({.content_type = "text/plain", .body = "ok\n"});
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(text.find("\r\nContent-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(text.find("\r\nContent-Length: 3\r\n"), std::string::npos);
  EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\nok\n"));
}

TEST(HttpAnswer, ToHeadHasTheLengthButNotTheBody) {
  HttpAnswer answer{.content_type = "text/plain", .body = "ok\n"};
  answer.head_only = true;
  const std::string text = rendered(answer);
  EXPECT_NE(text.find("\r\nContent-Length: 3\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HttpAnswer, CountsALongBodyThatComesBehindIt) {
  const std::string text = rendered({.body = "{", .long_body = "123}"});
  EXPECT_NE(text.find("\r\nContent-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n{"));
}

TEST(HttpAnswer, RefusesWithReasonAndHint) {
  const std::string text =
      rendered(refusal({.reason = Reason::overloaded, .detail = "full", .retry_after_ms = 1001}));
  EXPECT_TRUE(text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_NE(text.find("\r\nRetry-After: 2\r\n"), std::string::npos);
  EXPECT_TRUE(
      text.ends_with("{\"code\":503,\"reason\":\"overloaded\",\"temporary\":true,\"detail\":\"full\","
                     "\"retryAfterMs\":1001}\n"));
}

TEST(HttpAnswer, AsksForACredential) {
  const std::string text = rendered(refusal({.reason = Reason::unauthenticated, .detail = "who?"}));
  EXPECT_TRUE(text.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_NE(text.find("\r\nWWW-Authenticate: Bearer\r\n"), std::string::npos);
}

TEST(HttpAnswer, KeepsStrangersBytesOutOfItsJson) {
  const std::string text =
      rendered(refusal(404, {.reason = Reason::not_found, .detail = "\"},{\\\n\x01\xFF end"}));
  EXPECT_NE(text.find("\"detail\":\"?},{???? end\"}"), std::string::npos) << text;
}

TEST(HttpAnswer, SetsACookieAndHasNoBodyWhereThereIsNone) {
  const std::string text = rendered({.status = 204, .cookie = "a=b"});
  EXPECT_TRUE(text.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_TRUE(text.ends_with("\r\nSet-Cookie: a=b\r\n\r\n")) << text;
  EXPECT_EQ(text.find("Content-"), text.find("Content-Type-Options")) << "neither type nor length";
}

TEST(AnswerHead, BeginsABodyOfUnknownLength) {
  std::array<char, kHeadBytesMax> text{};
  const auto begin = [&](const AnswerHead& head) {
    return std::string{text.data(), render(head, kDate, text)};
  };
  const std::string good = begin({.content_type = "text/event-stream"});
  EXPECT_TRUE(good.starts_with(
      "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/event-stream\r\n"));
  EXPECT_NE(good.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(good.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(good.ends_with("\r\n\r\n"));
  const std::string old =
      begin({.status = 503, .content_type = "a", .retry_after_ms = 1500, .chunked = false});
  EXPECT_EQ(old.find("chunked"), std::string::npos);
  EXPECT_NE(old.find("\r\nRetry-After: 2\r\n"), std::string::npos);
  const std::string longest = begin({.status = 415,
                                     .content_type = "text/plain; version=0.0.4; charset=utf-8",
                                     .retry_after_ms = 4'000'000'000});
  EXPECT_LT(longest.size(), kHeadBytesMax);
}

TEST(Chunk, HasItsSizeInFrontAndItsEndBehind) {
  std::array<char, 4092> room{};
  for (const std::size_t size : {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{4084}}) {
    std::fill_n(room.begin() + kChunkHeadBytes, size, 'x');
    const std::span<char> whole = chunk(room, size);
    const std::string text{whole.data(), whole.size()};
    const std::size_t end = text.find("\r\n");
    EXPECT_EQ(std::stoul(text.substr(0, end), nullptr, 16), size);
    EXPECT_EQ(text.substr(end + 2), std::string(size, 'x') + "\r\n");
  }
}

TEST(HttpAnswer, FitsItsBufferAtItsLongest) {
  HttpAnswer answer{.status = 503};
  const std::string cookie(1150, 'c');
  answer.cookie = cookie;
  answer.header = std::string(127, 'h').c_str();
  answer.body = std::string(1023, 'b').c_str();
  std::array<char, kAnswerBytesMax + 1150> text{};
  answer.status = 426;
  EXPECT_LE(render(answer, kDate, text), text.size());
}

}  // namespace
}  // namespace signalbox::link
