#include "link/http_routes.hpp"

#include <gtest/gtest.h>

#include "link/header_list.hpp"

namespace signalbox::link {
namespace {

using Method = HttpRequest::Method;
constexpr std::string_view kDialects[] = {"signalbox.v1", "jsonrpc"};

class HttpRoutes : public ::testing::Test {
 protected:
  HttpRoutes() {
    request.method = Method::get;
    request.path = kSocketPath;
    request.http_1_1 = true;
    request.has_host = true;
    request.upgrade_to_websocket = true;
    request.version = "13";
    request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  }
  int status() const {
    const auto fault = fault_of(request, profile);
    return fault ? fault->status : 101;
  }

  HttpRequest request;
  Profile profile{.dialects = kDialects};
};

TEST_F(HttpRoutes, LetsAGoodHandshakePass) { EXPECT_EQ(status(), 101); }

TEST_F(HttpRoutes, TellsWhatIsWrongWithAHandshake) {
  request.version = "8";
  EXPECT_EQ(status(), 426);
  request.version = "";
  EXPECT_EQ(status(), 400);
  request.version = "13";
  request.key = "dGhlIHNhbXBsZSBub25jZR==";  // bits beyond the 16 bytes
  EXPECT_EQ(status(), 400);
  request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  request.has_host = false;
  EXPECT_EQ(status(), 400);
  request.has_host = true;
  request.path = "/elsewhere";
  EXPECT_EQ(status(), 404);
  request.path = kSocketPath;
  request.method = Method::other;
  EXPECT_EQ(status(), 405);
}

TEST_F(HttpRoutes, ListsTheDialectsWhereNoneIsKnown) {
  request.protocols = "soap, mqtt";
  const auto fault = fault_of(request, profile);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->status, 400);
  EXPECT_NE(fault->body.view().find("signalbox.v1, jsonrpc"), std::string_view::npos);
  request.protocols = "soap, jsonrpc";
  EXPECT_EQ(status(), 101);
}

TEST(ChosenDialect, IsTheFirstOfferThatIsSpoken) {
  EXPECT_EQ(chosen_dialect("", kDialects), "signalbox.v1");
  EXPECT_EQ(chosen_dialect("soap,\tjsonrpc ,signalbox.v1", kDialects), "jsonrpc");
  EXPECT_EQ(chosen_dialect("JSONRPC", kDialects), "");
  EXPECT_EQ(chosen_dialect(",", kDialects), "");
}

TEST(Authority, IsAHostAndMaybeAPort) {
  for (const std::string_view right :
       {"localhost", "bench.local:8443", "192.0.2.7", "[2001:db8::7]:443", "a_b"})
    EXPECT_TRUE(is_authority(right)) << right;
  for (const std::string_view wrong : {"", "?", "a/b", "a\"", "user@host", "a b", "a%20b", "\xC3\xA4"})
    EXPECT_FALSE(is_authority(wrong)) << wrong;
}

TEST_F(HttpRoutes, TheThingIsReadAndNothingElse) {
  request.path = kThingPath;
  EXPECT_TRUE(asks_for_thing(request));
  request.method = Method::head;
  EXPECT_TRUE(asks_for_thing(request));
  request.method = Method::post;
  EXPECT_FALSE(asks_for_thing(request));
  EXPECT_EQ(answer_plain(request, profile).status, 405);
  request.method = Method::get;
  request.path = "/.well-known/wot/";
  EXPECT_FALSE(asks_for_thing(request));
  const HttpAnswer nowhere = answer_plain(request, profile);
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_NE(nowhere.body.view().find("/.well-known/wot, /ca.crt, / and /healthz"), std::string_view::npos);
}

TEST_F(HttpRoutes, TheAuthorityIsForEverybody) {
  request.path = kAuthorityPath;
  request.upgrade_to_websocket = false;
  EXPECT_EQ(answer_plain(request, profile).status, 404) << "somebody else's";
  profile.authority = "-----BEGIN CERTIFICATE-----";
  HttpAnswer answer = answer_plain(request, profile);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/x-x509-ca-cert");
  EXPECT_EQ(answer.long_body, profile.authority);
  request.method = Method::head;
  EXPECT_TRUE(answer_plain(request, profile).head_only);
  request.method = Method::post;
  EXPECT_EQ(answer_plain(request, profile).status, 405);
}

TEST(Bearer, IsTheTokenAlone) {
  EXPECT_EQ(*bearer_of("Bearer abc"), "abc");
  EXPECT_EQ(*bearer_of("bEARER  abc "), "abc");
  EXPECT_EQ(*bearer_of(""), "");
  for (const std::string_view wrong : {"Bearer", "Bearer ", "Basic abc", "Bearerabc", "?"})
    EXPECT_EQ(bearer_of(wrong).error().reason, Reason::unauthenticated) << wrong;
}

TEST(HeaderList, TakesElementsApart) {
  EXPECT_TRUE(list_has("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(list_has("keep-alive, Upgrades", "upgrade"));
  EXPECT_FALSE(list_has("", "upgrade"));
}

}  // namespace
}  // namespace signalbox::link
