#include "link/page.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "link/http_request.hpp"
#include "link/http_routes.hpp"

namespace signalbox::link {
namespace {

using Method = HttpRequest::Method;

constexpr std::array<Asset, 2> kPage{{
    {"/", "text/html; charset=utf-8", "\"a1\"", "packed page", false},
    {"/assets/index-X1.js", "text/javascript; charset=utf-8", "\"b2\"", "packed script", true},
}};

class Page : public ::testing::Test {
 protected:
  HttpAnswer got(std::string_view path) {
    request.method = Method::get;
    request.path = path;
    return answer_plain(request, profile);
  }
  std::string head(std::string_view path) {
    std::array<char, 4096> text{};
    const HttpAnswer answer = got(path);
    return {text.data(), render(answer, {}, text)};
  }

  HttpRequest request;
  Profile profile{.page = kPage};
};

TEST_F(Page, IsServedToWhoUnpacksIt) {
  request.accept_encoding = "gzip, deflate, br";
  EXPECT_EQ(got("/").long_body, "packed page");
  EXPECT_TRUE(got("/").stays);
  EXPECT_EQ(got("/assets/index-X1.js").long_body, "packed script");
  EXPECT_EQ(got("/assets/index-X2.js").status, 404);
  const std::string text = head("/");
  for (const char* line : {"\r\nContent-Encoding: gzip\r\n", "\r\nVary: Accept-Encoding\r\n",
                           "\r\nETag: \"a1\"\r\n", "\r\nCache-Control: no-cache\r\n",
                           "\r\nContent-Length: 11\r\n", "default-src 'none'; script-src 'self'",
                           "\r\nX-Content-Type-Options: nosniff\r\n", "frame-ancestors 'none'"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  EXPECT_EQ(text.find("unsafe"), std::string::npos);
  EXPECT_NE(head("/assets/index-X1.js").find("\r\nCache-Control: public, max-age=31536000, immutable\r\n"),
            std::string::npos);
}

TEST_F(Page, IsTextForWhoDoesNotAndTheRestIsRefusedWithWhatWouldDo) {
  EXPECT_EQ(got("/").status, 200);
  EXPECT_TRUE(got("/").body.view().find("Accept-Encoding: gzip") != std::string_view::npos);
  EXPECT_TRUE(got("/").long_body.empty());
  EXPECT_EQ(got("/assets/index-X1.js").status, 406);
  EXPECT_NE(head("/assets/index-X1.js").find("--compressed"), std::string::npos);
  profile.page = {};
  EXPECT_EQ(got("/").body.view().find("dashboard"), std::string_view::npos);
  EXPECT_EQ(got("/assets/index-X1.js").status, 404);
}

TEST_F(Page, IsNotSentAgainToWhoHasIt) {
  request.accept_encoding = "gzip";
  request.if_none_match = "\"z\", W/\"a1\"";
  EXPECT_EQ(got("/").status, 304);
  EXPECT_TRUE(got("/").long_body.empty());
  const std::string text = head("/");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_NE(text.find("\r\nETag: \"a1\"\r\n"), std::string::npos);
  EXPECT_EQ(text.find("Content-Length"), std::string::npos);
  request.if_none_match = "\"b2\"";
  EXPECT_EQ(got("/").status, 200);
}

TEST_F(Page, IsNothingForWhoAsksToUpgrade) {
  request.accept_encoding = "gzip";
  request.method = Method::get;
  request.path = "/";
  EXPECT_FALSE(fault_of(request, profile)->stays);
  request.path = "/assets/index-X1.js";
  EXPECT_EQ(fault_of(request, profile)->status, 404);
}

TEST_F(Page, HasNothingButReading) {
  request.method = Method::post;
  request.path = "/assets/index-X1.js";
  EXPECT_EQ(answer_plain(request, profile).status, 405);
  request.method = Method::head;
  request.accept_encoding = "gzip";
  EXPECT_TRUE(answer_plain(request, profile).head_only);
}

TEST(TakesGzip, AsTheHeaderSays) {
  for (const std::string_view yes : {"gzip", "deflate, GZIP;q=0.5", "*", "br;q=1, *;q=0.1", "gzip ; q=1"})
    EXPECT_TRUE(takes_gzip(yes)) << yes;
  for (const std::string_view no : {"", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "identity", "gzipped"})
    EXPECT_FALSE(takes_gzip(no)) << no;
}

TEST(HasEtag, ComparesWeakly) {
  EXPECT_TRUE(has_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(has_etag("W/\"b\" , \"a\"", "\"a\""));
  EXPECT_TRUE(has_etag("*", "\"a\""));
  for (const std::string_view no : {"", "a", "\"A\"", "W/", "\"a"}) EXPECT_FALSE(has_etag(no, "\"a\"")) << no;
}

}  // namespace
}  // namespace signalbox::link
