#include "link/clear_http.hpp"

#include <gtest/gtest.h>
#include <string>

namespace signalbox::link {
namespace {

std::string url_told_to(std::string_view beginning, std::string_view local = "192.0.2.7") {
  Site site;
  EXPECT_TRUE(site.add_host("bench"));
  const HttpAnswer told = clear_http_refusal(beginning, site, local, 8443);
  const std::string_view body = told.body.view();
  return std::string{body.substr(std::min(body.find("https://"), body.size()))};
}

TEST(ClearHttp, BeginsWithAMethod) {
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\n", "HEAD /", "POST /v1/stop", "OPTIONS *", "PATCH /"})
    EXPECT_TRUE(is_clear_http(text)) << text;
}

TEST(ClearHttp, IsNothingElse) {
  for (const std::string_view text : {"", "GE", "GET", "get / HTTP/1.1", "GET\t/", "SSH-2.0-x\r\n",
                                      "PRI * HTTP/2.0", "\x16\x03\x01", " GET /", "GETTING /", "EHLO x\r\n"})
    EXPECT_FALSE(is_clear_http(text)) << text;
}

TEST(ClearHttp, NamesTheUrlByWhichItWasReached) {
  EXPECT_EQ(url_told_to("GET / HTTP/1.1\r\nHost: bench.local:9443\r\n\r\n"), "https://bench.local:9443/\n");
  EXPECT_EQ(url_told_to("GET / HTTP/1.1\r\nAccept: */*\r\nhOST:\tBench \r\n"), "https://Bench:8443/\n");
  EXPECT_EQ(url_told_to("GET / HTTP/1.1\r\nHost: [2001:db8::7]:9443\r\n\r\n", "2001:db8::7"),
            "https://[2001:db8::7]:9443/\n");
  EXPECT_EQ(url_told_to("GET / HTTP/1.1\r\nHost: [2001:db8::7]\r\n\r\n", "2001:db8::7"),
            "https://[2001:db8::7]:8443/\n");
}

TEST(ClearHttp, NamesItsOwnAddressWhereTheHostIsNotOurs) {
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: bench", "GET / HTTP/1.1\r\nHost: bench<script>\r\n\r\n",
        "GET / HTTP/1.1\r\nX-Host: bench\r\n\r\n", "GET /"})
    EXPECT_EQ(url_told_to(text), "https://192.0.2.7:8443/\n") << text;
  EXPECT_EQ(url_told_to("GET /", "2001:db8::7"), "https://[2001:db8::7]:8443/\n");
}

TEST(ClearHttp, IsToldWithoutBodyToHead) {
  EXPECT_TRUE(clear_http_refusal("HEAD / HTTP/1.1\r\n", {}, "192.0.2.7", 8443).head_only);
}

}  // namespace
}  // namespace signalbox::link
