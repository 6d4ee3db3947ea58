#include "link/http_answer.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::link {
namespace {

std::string wire(const HttpAnswer& answer) {
  std::array<char, 1536> bytes{};
  return {bytes.data(), render(answer, bytes)};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(HttpAnswer, IsAWholeAnswer) {
  const std::string text =
      wire({.status = 200, .content_type = "text/plain", .header = "Allow: GET", .body = "ok\n"});
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(text, "Content-Type: text/plain\r\n"));
  EXPECT_TRUE(has(text, "Content-Length: 3\r\n"));
  EXPECT_TRUE(has(text, "Connection: close\r\n"));
  EXPECT_TRUE(has(text, "Allow: GET\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\nok\n"));
}

TEST(HttpAnswer, ToHeadHasTheLengthButNotTheBody) {
  const std::string text = wire({.body = "ok\n", .head_only = true});
  EXPECT_TRUE(has(text, "Content-Length: 3\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HttpAnswer, RefusalsCarryTheReasonInTheirBody) {
  const HttpAnswer answer = refusal(Error{Reason::overloaded, "all places are taken", "", 1500});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.view(),
            R"({"code":503,"reason":"overloaded","detail":"all places are taken","retryAfterMs":1500})"
            "\n");
  EXPECT_TRUE(has(wire(answer), "Retry-After: 2\r\n"));
  EXPECT_TRUE(has(wire(refusal(Error{Reason::unauthenticated, "no"})), "HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_TRUE(has(wire(refusal(Error{Reason::unauthenticated, "no"})), "WWW-Authenticate: Bearer\r\n"));
  EXPECT_TRUE(has(wire(refusal(426, Error{Reason::malformed, "no"})), "HTTP/1.1 426 Upgrade Required\r\n"));
}

TEST(HttpAnswer, AStrangersBytesDoNoHarm) {
  const HttpAnswer answer = refusal(Error{Reason::malformed, "a\"b\\c\r\nd\xFF"});
  EXPECT_TRUE(has(answer.body.view().data(), R"("detail":"a?b?c??d?"})"));
}

TEST(HttpAnswer, TheLongestFits) {
  HttpAnswer answer = refusal(Error{Reason::overloaded, std::string(95, 'x'), "", 4'000'000'000});
  answer.body = std::string(1023, 'y');
  answer.header = std::string(127, 'z');
  EXPECT_TRUE(has(wire(answer), std::string(1023, 'y')));
}

}  // namespace
}  // namespace signalbox::link
